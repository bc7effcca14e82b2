"""Pages and reports: blocks in, HTML out; no energy figure is computed here."""
