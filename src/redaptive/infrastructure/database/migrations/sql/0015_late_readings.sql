-- Which readings of a day came late, when it is to be looked at, and what was found; counts of registers around gaps.
ALTER TABLE late_day
  ADD COLUMN late_s bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN due_at timestamptz DEFAULT clock_timestamp(),
  ADD COLUMN rescored_at timestamptz,
  ADD COLUMN alarms_found integer NOT NULL DEFAULT 0,
  ADD COLUMN alarms_withdrawn integer NOT NULL DEFAULT 0,
  ADD COLUMN gaps_ended integer NOT NULL DEFAULT 0;
UPDATE late_day SET due_at = CASE WHEN judged_at IS NULL THEN noted_at END;
COMMENT ON COLUMN late_day.late_s IS 'Starts of the intervals that came late, epoch seconds UTC; one may be named twice.';
COMMENT ON COLUMN late_day.due_at IS 'When detectors are to be run on the day again; null: nothing is to be done.';
COMMENT ON COLUMN late_day.judged_at IS 'When it was counted again; rescored_at: when detectors were run on it again.';
CREATE INDEX late_day_due_idx ON late_day (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX late_day_noted_idx ON late_day (noted_at);

CREATE TABLE register_gap (
  tenant_id     uuid NOT NULL,
  meter_id      uuid NOT NULL,
  meter_no      integer NOT NULL,
  from_s        bigint NOT NULL,
  to_s          bigint NOT NULL,
  before_count  bigint NOT NULL,
  after_count   bigint NOT NULL,
  energy_wh     bigint NOT NULL,
  noted_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT register_gap_pkey PRIMARY KEY (tenant_id, meter_id, to_s),
  CONSTRAINT register_gap_order CHECK (from_s < to_s),
  CONSTRAINT register_gap_meter_fkey
    FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE register_gap IS
  'What a register showed around intervals that did not come: its total was stored as estimates over [from_s, to_s].';

CREATE TABLE late_register (
  tenant_id    uuid NOT NULL,
  meter_id     uuid NOT NULL,
  meter_no     integer NOT NULL,
  start_s      bigint NOT NULL,
  count        bigint NOT NULL,
  state        text NOT NULL DEFAULT 'waiting' CONSTRAINT late_register_state_known
               CHECK (state IN ('waiting', 'split', 'no_gap', 'refused')),
  noted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT late_register_pkey PRIMARY KEY (tenant_id, meter_id, start_s),
  CONSTRAINT late_register_meter_fkey
    FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN late_register.state IS
  'split: the total of its gap is divided at it; no_gap: no total was spread over its interval; refused: contradicts its neighbours.';
CREATE INDEX late_register_waiting_idx ON late_register (meter_no) WHERE state = 'waiting';
CREATE INDEX late_register_noted_idx ON late_register (noted_at);

-- What the timer looks for: gaps that last.
CREATE INDEX alerts_lasting_gap_idx ON alerts (meter_no) WHERE kind = 'gap' AND ended_at IS NULL;

CALL secure_tenant_table('register_gap', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('late_register', 'SELECT', 'SELECT, INSERT, UPDATE');
