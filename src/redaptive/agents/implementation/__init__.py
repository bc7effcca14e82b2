"""Parts of the project-implementation agent: what its tools take and answer."""
