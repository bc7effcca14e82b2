"""Parts of the energy-finance agent: what its tools take and answer."""
