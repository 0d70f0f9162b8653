"""What people run and watch Accord with.

Here live the `pipeline` CLI, the local stack, the verifier, the report and the
dashboard. Business rules do not: the services own them.
"""
