-- Alerts: one row per event of a meter (or gateway, site, station) and kind, its history, and how people hear of it.
-- The id is derived from (meter, kind, first interval), so that a replay writes the same rows again.
DROP INDEX alerts_open_key;
ALTER TABLE alerts
  DROP COLUMN dedup_key,
  ALTER COLUMN usd_per_day DROP NOT NULL,
  ALTER COLUMN usd_per_day DROP DEFAULT,
  ALTER COLUMN severity SET DEFAULT 'info',
  ALTER COLUMN opened_at DROP NOT NULL,
  ALTER COLUMN last_seen_at DROP NOT NULL,
  ADD COLUMN meter_no integer,
  ADD COLUMN gateway_no integer,
  ADD COLUMN site_id uuid,
  ADD COLUMN state text NOT NULL DEFAULT 'provisional' CONSTRAINT alerts_state_known CHECK (state IN (
    'provisional', 'open', 'acknowledged', 'in_progress', 'resolved', 'closed', 'withdrawn', 'suppressed')),
  ADD COLUMN since timestamptz NOT NULL,
  ADD COLUMN decided_at timestamptz NOT NULL,
  ADD COLUMN ended_at timestamptz,
  ADD COLUMN actual_wh bigint,
  ADD COLUMN expected_wh double precision,
  ADD COLUMN excess_kwh_per_day double precision,
  ADD COLUMN score real,
  ADD COLUMN kernel_version text NOT NULL,
  ADD COLUMN log_position bigint NOT NULL DEFAULT 0,
  ADD COLUMN raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN acknowledged_at timestamptz,
  ADD COLUMN diagnosed_at timestamptz,
  ADD COLUMN resolved_at timestamptz,
  ADD COLUMN snoozed_until timestamptz,
  ADD COLUMN parent_id uuid,
  ADD COLUMN suppressed_by text CONSTRAINT alerts_suppression_known CHECK (suppressed_by IN (
    'merged', 'gateway', 'site', 'weather', 'meter', 'flapping', 'maintenance', 'policy', 'not_persistent')),
  ADD COLUMN rank double precision NOT NULL DEFAULT 0,
  ADD COLUMN price_note text NOT NULL DEFAULT '',
  ADD COLUMN evidence text NOT NULL DEFAULT '',
  ADD COLUMN likely_causes jsonb NOT NULL DEFAULT '[]'
    CONSTRAINT alerts_causes_array CHECK (jsonb_typeof(likely_causes) = 'array'),
  ADD COLUMN cause text,
  ADD COLUMN cause_note text NOT NULL DEFAULT '',
  ADD COLUMN rejected_causes text[] NOT NULL DEFAULT '{}',
  ADD COLUMN team_id uuid,
  ADD COLUMN assignee_id uuid,
  ADD CONSTRAINT alerts_parent_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES alerts (tenant_id, id),
  ADD CONSTRAINT alerts_site_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  ADD CONSTRAINT alerts_resolved_with_cause CHECK (state <> 'resolved' OR cause IS NOT NULL),
  ADD CONSTRAINT alerts_suppressed_for_a_reason CHECK ((state = 'suppressed') = (suppressed_by IS NOT NULL)),
  ADD CONSTRAINT alerts_not_its_own_parent CHECK (parent_id <> id);
COMMENT ON COLUMN alerts.since IS 'Start of the first interval of the event; decided_at: start of the interval that decided it.';
COMMENT ON COLUMN alerts.ended_at IS 'The condition was gone from this interval on; null: it lasts.';
COMMENT ON COLUMN alerts.confirmed_at IS 'The log up to the event is flushed; before that the row is a promise and may be withdrawn.';
COMMENT ON COLUMN alerts.usd_per_day IS 'Null: no price is known, or the kind has none (data quality).';
CREATE INDEX alerts_unconfirmed_idx ON alerts (meter_no) WHERE state = 'provisional' AND confirmed_at IS NULL;
CREATE INDEX alerts_queue_idx ON alerts (tenant_id, confirmed_at) WHERE state = 'provisional' AND confirmed_at IS NOT NULL;
CREATE INDEX alerts_live_idx ON alerts (tenant_id, rank DESC) WHERE state IN ('open', 'acknowledged', 'in_progress');
CREATE INDEX alerts_meter_idx ON alerts (meter_no, kind, since DESC);
CREATE INDEX alerts_parent_idx ON alerts (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX alerts_since_idx ON alerts (tenant_id, since DESC);

CREATE TABLE alert_events (
  tenant_id   uuid NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  alert_id    uuid NOT NULL,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  who         text NOT NULL CONSTRAINT alert_events_who_given CHECK (who <> ''),
  action      text NOT NULL CONSTRAINT alert_events_action_given CHECK (action <> ''),
  from_state  text,
  to_state    text,
  why         text NOT NULL DEFAULT '',
  CONSTRAINT alert_events_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT alert_events_alert_fkey FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id)
);
COMMENT ON TABLE alert_events IS 'Append-only: nobody but the owner may change or delete a row.';
CREATE INDEX alert_events_alert_idx ON alert_events (tenant_id, alert_id, id);

CREATE TABLE engineers (
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  id             uuid NOT NULL DEFAULT gen_random_uuid(),
  code           text NOT NULL CONSTRAINT engineers_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name           text NOT NULL,
  email          text,
  phone          text,
  webhook_url    text,
  channels       text[] NOT NULL DEFAULT '{email}'
                 CONSTRAINT engineers_channels_known CHECK (channels <@ ARRAY['email', 'sms', 'webhook']),
  skills         text[] NOT NULL DEFAULT '{}',
  timezone       text NOT NULL CONSTRAINT engineers_timezone_given CHECK (timezone <> ''),
  quiet_from     time,
  quiet_to       time,
  daily_budget   integer CONSTRAINT engineers_budget_positive CHECK (daily_budget >= 0),
  active         boolean NOT NULL DEFAULT true,
  CONSTRAINT engineers_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT engineers_code_key UNIQUE (tenant_id, code),
  CONSTRAINT engineers_quiet_both CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

CREATE TABLE teams (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL DEFAULT gen_random_uuid(),
  code        text NOT NULL CONSTRAINT teams_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name        text NOT NULL,
  every_site  boolean NOT NULL DEFAULT false,
  CONSTRAINT teams_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT teams_code_key UNIQUE (tenant_id, code)
);
COMMENT ON COLUMN teams.every_site IS 'Takes the sites that no other team has.';

CREATE TABLE team_sites (
  tenant_id  uuid NOT NULL,
  team_id    uuid NOT NULL,
  site_id    uuid NOT NULL,
  CONSTRAINT team_sites_pkey PRIMARY KEY (tenant_id, site_id),
  CONSTRAINT team_sites_team_fkey FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT team_sites_site_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE shifts (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  team_id      uuid NOT NULL,
  engineer_id  uuid NOT NULL,
  level        integer NOT NULL CONSTRAINT shifts_level_positive CHECK (level >= 1),
  weekdays     integer[] NOT NULL CONSTRAINT shifts_weekdays_iso CHECK (weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]),
  starts       time NOT NULL,
  ends         time NOT NULL,
  timezone     text NOT NULL CONSTRAINT shifts_timezone_given CHECK (timezone <> ''),
  valid_from   date,
  valid_to     date,
  CONSTRAINT shifts_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT shifts_key UNIQUE NULLS NOT DISTINCT (tenant_id, team_id, engineer_id, level, weekdays, starts, ends, valid_from),
  CONSTRAINT shifts_team_fkey FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT shifts_engineer_fkey FOREIGN KEY (tenant_id, engineer_id) REFERENCES engineers (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE shifts IS 'On-call rota in local time; ends <= starts passes midnight and belongs to the day on which it starts.';

CREATE TABLE maintenance_windows (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  site_id      uuid,
  building_id  uuid,
  meter_id     uuid,
  starts_at    timestamptz NOT NULL,
  ends_at      timestamptz NOT NULL,
  reason       text NOT NULL CONSTRAINT maintenance_windows_reason_given CHECK (reason <> ''),
  who          text NOT NULL,
  CONSTRAINT maintenance_windows_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT maintenance_windows_range CHECK (ends_at > starts_at),
  CONSTRAINT maintenance_windows_one_place CHECK (num_nonnulls(site_id, building_id, meter_id) = 1),
  CONSTRAINT maintenance_windows_site_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  CONSTRAINT maintenance_windows_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id),
  CONSTRAINT maintenance_windows_meter_fkey FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id)
);
CREATE INDEX maintenance_windows_time_idx ON maintenance_windows (tenant_id, ends_at);

CREATE TABLE alert_policies (
  tenant_id         uuid NOT NULL REFERENCES tenants (id),
  kind              text NOT NULL,
  muted             boolean NOT NULL DEFAULT false,
  severity          text CONSTRAINT alert_policies_severity_known CHECK (severity IN ('info', 'warning', 'critical')),
  least_usd_per_day double precision CONSTRAINT alert_policies_least_positive CHECK (least_usd_per_day >= 0),
  escalate_after_s  integer CONSTRAINT alert_policies_escalation_positive CHECK (escalate_after_s > 0),
  team_id           uuid,
  CONSTRAINT alert_policies_pkey PRIMARY KEY (tenant_id, kind),
  CONSTRAINT alert_policies_team_fkey FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id)
);
COMMENT ON TABLE alert_policies IS 'A tenant''s own rules by kind; kind * holds for kinds without a row.';

ALTER TABLE alerts
  ADD CONSTRAINT alerts_team_fkey FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id),
  ADD CONSTRAINT alerts_assignee_fkey FOREIGN KEY (tenant_id, assignee_id) REFERENCES engineers (tenant_id, id);

CREATE TABLE alert_timers (
  tenant_id  uuid NOT NULL,
  alert_id   uuid NOT NULL,
  level      integer NOT NULL CONSTRAINT alert_timers_level_positive CHECK (level >= 2),
  due_at     timestamptz NOT NULL,
  CONSTRAINT alert_timers_pkey PRIMARY KEY (tenant_id, alert_id),
  CONSTRAINT alert_timers_alert_fkey FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE alert_timers IS 'When the next person is told. Acknowledging deletes the row.';
CREATE INDEX alert_timers_due_idx ON alert_timers (due_at);

CREATE TABLE notifications (
  tenant_id        uuid NOT NULL,
  id               bigint GENERATED ALWAYS AS IDENTITY,
  idempotency_key  text NOT NULL CONSTRAINT notifications_key_given CHECK (idempotency_key <> ''),
  alert_id         uuid,
  engineer_id      uuid NOT NULL,
  channel          text NOT NULL CONSTRAINT notifications_channel_known CHECK (channel IN ('email', 'sms', 'webhook', 'digest')),
  address          text NOT NULL,
  level            integer NOT NULL DEFAULT 1,
  subject          text NOT NULL,
  body             text NOT NULL,
  state            text NOT NULL DEFAULT 'pending' CONSTRAINT notifications_state_known
                   CHECK (state IN ('pending', 'sending', 'sent', 'dead', 'digest', 'digested', 'dropped')),
  attempts         integer NOT NULL DEFAULT 0,
  due_at           timestamptz NOT NULL,
  last_error       text,
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at          timestamptz,
  CONSTRAINT notifications_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT notifications_idempotency_key UNIQUE (tenant_id, idempotency_key),
  CONSTRAINT notifications_alert_fkey FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id),
  CONSTRAINT notifications_engineer_fkey FOREIGN KEY (tenant_id, engineer_id) REFERENCES engineers (tenant_id, id)
);
COMMENT ON TABLE notifications IS 'Outbox of messages to people; while sending, due_at is the end of the sender''s lease.';
CREATE INDEX notifications_due_idx ON notifications (due_at) WHERE state IN ('pending', 'sending', 'digest');
CREATE INDEX notifications_budget_idx ON notifications (tenant_id, engineer_id, created_at);
CREATE INDEX notifications_alert_idx ON notifications (tenant_id, alert_id);

CALL secure_tenant_table('alert_events', 'SELECT, INSERT', 'SELECT, INSERT');
CALL secure_tenant_table('engineers', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('teams', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('team_sites', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('shifts', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('maintenance_windows', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('alert_policies', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('alert_timers', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('notifications', 'SELECT, INSERT, UPDATE', 'SELECT, INSERT, UPDATE');

CREATE VIEW alert_board WITH (security_invoker = true) AS
SELECT a.*, coalesce(m.code, '') AS meter_code, m.commodity, m.interval_s, coalesce(b.code, '') AS building_code,
       coalesce(s.code, '') AS site_code, coalesce(s.timezone, 'UTC') AS timezone, coalesce(t.code, '') AS team_code,
       coalesce(e.code, '') AS assignee_code
FROM alerts a
LEFT JOIN meters m ON m.tenant_id = a.tenant_id AND m.id = a.meter_id
LEFT JOIN buildings b ON b.tenant_id = a.tenant_id AND b.id = coalesce(a.building_id, m.building_id)
LEFT JOIN sites s ON s.tenant_id = a.tenant_id AND s.id = coalesce(a.site_id, b.site_id)
LEFT JOIN teams t ON t.tenant_id = a.tenant_id AND t.id = a.team_id
LEFT JOIN engineers e ON e.tenant_id = a.tenant_id AND e.id = a.assignee_id;
GRANT SELECT ON alert_board TO redaptive_app, redaptive_worker;
