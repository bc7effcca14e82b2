"""Parts of the customer-experience agent: what its tools take and answer."""
