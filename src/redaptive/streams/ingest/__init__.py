"""Readings from the wire into the log: MQTT, HTTP and files, checked and packed, acknowledged once they are durable."""
