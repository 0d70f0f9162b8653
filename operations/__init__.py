"""What people run and watch Accord with.

Here live the `pipeline` CLI, the local stack, the verifier, the report, the tools for
dead letters, the dashboard, and what writes the reference. Business rules do not: the
services own them. No other package imports it.
"""
