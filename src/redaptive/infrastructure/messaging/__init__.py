"""The log: reading batches in sharded streams, typed events, and the outbox that publishes them."""
