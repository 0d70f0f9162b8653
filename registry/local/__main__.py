"""`python -m registry.local`: the registry as a process of its own."""

from registry.local.command import serve

if __name__ == "__main__":
    serve(prog_name="python -m registry.local")
