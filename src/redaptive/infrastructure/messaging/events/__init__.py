"""Typed events on Valkey Streams: types, envelope, producer, outbox and relay, consumers, dead letters, replay."""
