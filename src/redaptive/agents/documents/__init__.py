"""Parts of the document-processing agent: what its tools take and answer."""
