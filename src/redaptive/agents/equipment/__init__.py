"""Parts of the equipment-performance agent: what its tools take and answer."""
