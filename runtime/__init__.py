"""What every service runs on.

Here live settings, Kafka clients, the transactional loop, the sink loop, dead
letters, logs, metrics and health. Nothing here knows what an order is.
"""
