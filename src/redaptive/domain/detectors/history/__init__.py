"""A meter's whole history judged at once: how unusual each reading is, and audits of it."""
