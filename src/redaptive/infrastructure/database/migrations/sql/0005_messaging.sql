-- Events: the outbox that is written with the effect, and the record of what a consumer has handled.
CREATE TABLE outbox (
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  id           uuid NOT NULL,
  seq          bigint GENERATED ALWAYS AS IDENTITY,
  topic        text NOT NULL CONSTRAINT outbox_topic_shape CHECK (topic ~ '^[a-z][a-z0-9_]*$'),
  type         text NOT NULL,
  key          text NOT NULL,
  body         text NOT NULL CONSTRAINT outbox_body_json CHECK (jsonb_typeof(body::jsonb) = 'object'),
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at      timestamptz,
  position     bigint,
  CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT outbox_sent_has_position CHECK ((sent_at IS NULL) = (position IS NULL))
);
COMMENT ON TABLE outbox IS
  'Events that a transaction caused; the relay adds them to events:{topic} of the log and notes where.';
COMMENT ON COLUMN outbox.id IS 'The event''s id, given by its producer: consumers recognise a second copy by it.';
CREATE INDEX outbox_unsent_idx ON outbox (seq) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent_idx ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CALL secure_tenant_table('outbox', 'SELECT, INSERT', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE processed_event (
  consumer      text NOT NULL,
  event_key     text NOT NULL,
  processed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT processed_event_pkey PRIMARY KEY (consumer, event_key)
);
COMMENT ON TABLE processed_event IS
  'Global: which consumer has handled which event, written in the transaction of the effect itself.';
CREATE INDEX processed_event_at_idx ON processed_event (processed_at);
GRANT SELECT, INSERT, DELETE ON processed_event TO redaptive_worker;
