-- Partitions, kernel state, gateways, rejected readings.
-- Tables of the stream workers hold rows of many tenants in one value; only redaptive_worker may touch them.
CREATE TABLE stream_partition (
  partition      integer NOT NULL CONSTRAINT stream_partition_pkey PRIMARY KEY
                 CONSTRAINT stream_partition_positive CHECK (partition >= 0),
  owner          text,
  epoch          bigint NOT NULL DEFAULT 0,
  lease_until    timestamptz,
  position       bigint NOT NULL DEFAULT 0 CONSTRAINT stream_partition_position_positive CHECK (position >= 0),
  known_batches  jsonb NOT NULL DEFAULT '{}',
  counters       jsonb NOT NULL DEFAULT '{}',
  received_at    timestamptz,
  flushed_at     timestamptz,
  flush_s        real
);
COMMENT ON TABLE stream_partition IS
  'Global: one row per stream of the log. Who owns it until when, and up to where it is committed. '
  '`epoch` is the fence: a commit that names another one changes nothing.';
GRANT SELECT, INSERT, UPDATE ON stream_partition TO redaptive_worker;

CREATE TABLE stream_worker (
  worker      text NOT NULL CONSTRAINT stream_worker_pkey PRIMARY KEY,
  host        text NOT NULL,
  pid         integer NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  seen_at     timestamptz NOT NULL DEFAULT now(),
  figures     jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE stream_worker IS 'Global: workers that run now; one that was not seen for a lease counts as dead.';
GRANT SELECT, INSERT, UPDATE, DELETE ON stream_worker TO redaptive_worker;

CREATE TABLE kernel_state (
  shard           integer NOT NULL CONSTRAINT kernel_state_shard_positive CHECK (shard >= 0),
  part            text NOT NULL,
  kernel_version  text NOT NULL,
  body            bytea NOT NULL,
  CONSTRAINT kernel_state_pkey PRIMARY KEY (shard, part)
) WITH (fillfactor = 50);
-- The bodies are packed already.
ALTER TABLE kernel_state ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE kernel_state IS 'Global: detector state of 1,024 meters a shard, by part, as of the offset of the partition.';
GRANT SELECT, INSERT, UPDATE, DELETE ON kernel_state TO redaptive_worker;

CREATE TABLE replay_run (
  id              uuid NOT NULL CONSTRAINT replay_run_pkey PRIMARY KEY,
  source          text NOT NULL CONSTRAINT replay_run_source_known CHECK (source IN ('store', 'log')),
  from_s          bigint NOT NULL,
  to_s            bigint NOT NULL,
  kernel_version  text NOT NULL,
  report          jsonb NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  accepted_at     timestamptz,
  accepted_by     text
);
CREATE TABLE replay_state (
  run_id          uuid NOT NULL REFERENCES replay_run (id) ON DELETE CASCADE,
  shard           integer NOT NULL,
  part            text NOT NULL,
  kernel_version  text NOT NULL,
  body            bytea NOT NULL,
  CONSTRAINT replay_state_pkey PRIMARY KEY (run_id, shard, part)
);
ALTER TABLE replay_state ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE replay_state IS 'Global: shadow state of a replay until somebody accepts it or throws it away.';
GRANT SELECT, INSERT, UPDATE, DELETE ON replay_run, replay_state TO redaptive_worker;

CREATE TABLE dead_letter (
  partition    integer NOT NULL,
  position     bigint NOT NULL,
  reason       text NOT NULL,
  detail       text NOT NULL,
  body         bytea NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT dead_letter_pkey PRIMARY KEY (partition, position)
);
COMMENT ON TABLE dead_letter IS
  'Global: entries of the log that cannot be read, or whose rows belong to no tenant, as they came.';
GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter TO redaptive_worker;

CREATE TABLE gateways (
  tenant_id       uuid NOT NULL REFERENCES tenants (id),
  id              uuid NOT NULL DEFAULT gen_random_uuid(),
  code            text NOT NULL CONSTRAINT gateways_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  gateway_no      integer GENERATED ALWAYS AS IDENTITY CONSTRAINT gateways_number_key UNIQUE,
  site_id         uuid,
  protocol        text NOT NULL,
  secret_hash     text,
  state           text NOT NULL DEFAULT 'new' CONSTRAINT gateways_state_known CHECK (state IN (
                    'new', 'online', 'offline', 'silent', 'clock', 'retired')),
  last_seen_at    timestamptz,
  last_sequence   bigint,
  clock_offset_s  double precision,
  created_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT gateways_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT gateways_code_key UNIQUE (tenant_id, code),
  CONSTRAINT gateways_site_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
COMMENT ON COLUMN gateways.gateway_no IS 'Integer key in log entries; given by the server only. 0 in an entry: no gateway.';
COMMENT ON COLUMN gateways.secret_hash IS 'Hash of the secret with which it proves itself; NULL: it has none yet.';

CREATE TABLE gateway_meters (
  tenant_id   uuid NOT NULL,
  gateway_id  uuid NOT NULL,
  meter_id    uuid NOT NULL,
  point       text NOT NULL DEFAULT '',
  CONSTRAINT gateway_meters_pkey PRIMARY KEY (tenant_id, meter_id),
  CONSTRAINT gateway_meters_gateway_fkey
    FOREIGN KEY (tenant_id, gateway_id) REFERENCES gateways (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT gateway_meters_meter_fkey
    FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN gateway_meters.point IS 'Name of the meter at the gateway (topic, register, object).';
CREATE INDEX gateway_meters_gateway_idx ON gateway_meters (tenant_id, gateway_id);

CREATE TABLE meter_stream (
  tenant_id        uuid NOT NULL,
  meter_id         uuid NOT NULL,
  phase_s          integer NOT NULL DEFAULT 0 CONSTRAINT meter_stream_phase_positive CHECK (phase_s >= 0),
  cap_wh           bigint CONSTRAINT meter_stream_cap_positive CHECK (cap_wh > 0),
  exports          boolean NOT NULL DEFAULT false,
  register_digits  integer CONSTRAINT meter_stream_digits_range CHECK (register_digits BETWEEN 3 AND 12),
  wh_per_count     double precision CONSTRAINT meter_stream_weight_positive CHECK (wh_per_count > 0),
  commissioned_on  date,
  opens_hour       smallint CONSTRAINT meter_stream_opens_range CHECK (opens_hour BETWEEN 0 AND 24),
  closes_hour      smallint CONSTRAINT meter_stream_closes_range CHECK (closes_hour BETWEEN 0 AND 24),
  open_weekdays    text NOT NULL DEFAULT '1111100' CONSTRAINT meter_stream_weekdays_shape CHECK (open_weekdays ~ '^[01]{7}$'),
  CONSTRAINT meter_stream_pkey PRIMARY KEY (tenant_id, meter_id),
  CONSTRAINT meter_stream_meter_fkey
    FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE meter_stream IS
  'What live metering knows of a meter beside its record; a meter without a row has the defaults.';
COMMENT ON COLUMN meter_stream.cap_wh IS 'Largest credible value of an interval, Wh (litres for water). NULL: no cap.';
COMMENT ON COLUMN meter_stream.open_weekdays IS 'Monday first; 1 = the building is in use.';

CREATE TABLE rejected_reading (
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  partition    integer NOT NULL,
  position     bigint NOT NULL,
  row_no       integer NOT NULL,
  reason       text NOT NULL,
  gateway_no   integer NOT NULL,
  meter_no     integer NOT NULL,
  start_s      bigint NOT NULL,
  value        bigint NOT NULL,
  flags        smallint NOT NULL,
  received_at  timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT now(),
  requeued_at  timestamptz,
  CONSTRAINT rejected_reading_pkey PRIMARY KEY (tenant_id, partition, position, row_no)
);
COMMENT ON TABLE rejected_reading IS 'Readings that were not stored, each with the place in the log and the reason.';
CREATE INDEX rejected_reading_recorded_idx ON rejected_reading (tenant_id, recorded_at);

CREATE TABLE late_day (
  tenant_id   uuid NOT NULL,
  meter_id    uuid NOT NULL,
  meter_no    integer NOT NULL,
  local_day   date NOT NULL,
  readings    integer NOT NULL,
  noted_at    timestamptz NOT NULL DEFAULT now(),
  judged_at   timestamptz,
  finding     jsonb,
  CONSTRAINT late_day_pkey PRIMARY KEY (tenant_id, meter_id, local_day),
  CONSTRAINT late_day_meter_fkey
    FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE late_day IS 'Days of meters that got readings late and are to be judged again.';
CREATE INDEX late_day_open_idx ON late_day (noted_at) WHERE judged_at IS NULL;

CALL secure_tenant_table('gateways', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE');
CALL secure_tenant_table('gateway_meters', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE');
CALL secure_tenant_table('meter_stream', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE');
CALL secure_tenant_table('rejected_reading', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('late_day', 'SELECT', 'SELECT, INSERT, UPDATE');

-- What admission could not turn into readings: the row's own text, so that it can be sent again.
CREATE TABLE refused_reading (
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  batch        uuid NOT NULL,
  row_no       integer NOT NULL,
  gateway_no   integer NOT NULL,
  sequence     bigint NOT NULL,
  reason       text NOT NULL,
  field        text NOT NULL,
  detail       text NOT NULL,
  meter_code   text NOT NULL,
  raw          text NOT NULL,
  received_at  timestamptz NOT NULL,
  requeued_at  timestamptz,
  CONSTRAINT refused_reading_pkey PRIMARY KEY (tenant_id, batch, row_no)
);
COMMENT ON COLUMN refused_reading.batch IS 'Hash of gateway and payload: a batch that is sent again is refused once.';
COMMENT ON COLUMN refused_reading.row_no IS 'Place of the row in its message, from 0; -1: the whole message.';
CREATE INDEX refused_reading_meter_idx ON refused_reading (tenant_id, meter_code) WHERE requeued_at IS NULL;
CALL secure_tenant_table('refused_reading', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
