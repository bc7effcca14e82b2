"""Reports: what the agents answered, arranged as blocks."""
