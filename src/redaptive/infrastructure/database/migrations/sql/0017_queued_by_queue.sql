-- The oldest queued runs of a tenant are read for batch and for the rest apart, however many the other has.
CREATE INDEX runs_queued_by_queue_idx ON runs (tenant_id, (queue = 'batch'), priority, created_at) WHERE state = 'queued';
DROP INDEX runs_queued_idx;
