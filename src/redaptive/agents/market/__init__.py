"""Parts of the market-intelligence agent: what its tools take and answer."""
