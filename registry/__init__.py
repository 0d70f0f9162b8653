"""Which change is allowed, and how bytes follow from a contract.

Here live the catalog of contracts, the Avro compatibility engine, the gate, plans for
a registry and its client, wire format, codecs and serdes, the embedded registry server
and the `contracts` CLI. Nothing here knows a topic's meaning, a broker or a service.
"""
