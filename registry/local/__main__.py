"""`python -m registry.local`: the registry as a process of its own."""

from registry.cli.serve import serve

if __name__ == "__main__":
    serve()
