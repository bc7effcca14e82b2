-- Runs of plans and what people and events do to them.
-- The engine keeps its own checkpoints in the schema `dbos`, which knows no tenants and which only the engine reads.
-- These tables are what everybody else reads (row security), what the engine takes its work from, and the audit.
CREATE TABLE runs (
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  id             text NOT NULL CONSTRAINT runs_id_shape CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$'),
  plan_id        text NOT NULL,
  title          text NOT NULL DEFAULT '',
  plan           jsonb NOT NULL CONSTRAINT runs_plan_object CHECK (jsonb_typeof(plan) = 'object'),
  plan_hash      text NOT NULL CONSTRAINT runs_plan_hash_shape CHECK (plan_hash ~ '^[0-9a-f]{64}$'),
  inputs         jsonb NOT NULL DEFAULT '{}' CONSTRAINT runs_inputs_object CHECK (jsonb_typeof(inputs) = 'object'),
  preset         jsonb NOT NULL DEFAULT '{}' CONSTRAINT runs_preset_object CHECK (jsonb_typeof(preset) = 'object'),
  state          text NOT NULL DEFAULT 'queued' CONSTRAINT runs_state_known CHECK (state IN (
                   'queued', 'running', 'paused', 'waiting', 'parking', 'parked', 'compensating',
                   'done', 'failed', 'cancelled', 'needs_attention')),
  priority       integer NOT NULL DEFAULT 100 CONSTRAINT runs_priority_range CHECK (priority BETWEEN 0 AND 1000),
  queue          text NOT NULL DEFAULT 'interactive'
                 CONSTRAINT runs_queue_known CHECK (queue IN ('interactive', 'batch', 'children')),
  origin         text NOT NULL DEFAULT 'person'
                 CONSTRAINT runs_origin_known CHECK (origin IN ('person', 'ask', 'event', 'schedule', 'parent', 'fork')),
  started_by     text NOT NULL CONSTRAINT runs_started_by_given CHECK (started_by <> ''),
  on_behalf_of   text,
  scopes         text[] NOT NULL DEFAULT '{}',
  correlation_id text NOT NULL DEFAULT '',
  parent_run_id  text,
  parent_node    text,
  forked_from    text,
  fork_node      text,
  fork_gate      boolean NOT NULL DEFAULT true,
  mode           text NOT NULL DEFAULT 'forward' CONSTRAINT runs_mode_known CHECK (mode IN ('forward', 'rollback')),
  epoch          integer NOT NULL DEFAULT 0,
  executor_id    text,
  error          jsonb,
  output         jsonb,
  run_seq        bigint NOT NULL DEFAULT 0,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at     timestamptz,
  changed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at    timestamptz,
  wake_at        timestamptz,
  CONSTRAINT runs_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT runs_finished_has_time CHECK (
    (state IN ('done', 'failed', 'cancelled', 'needs_attention')) = (finished_at IS NOT NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE runs IS 'One row per run of a plan. Inserted as queued by anybody; an executor of the engine takes it from here.';
COMMENT ON COLUMN runs.priority IS 'Smaller first, within a queue and after fairness between tenants.';
COMMENT ON COLUMN runs.preset IS 'Node -> output that the node is given instead of being run ("descendants only").';
COMMENT ON COLUMN runs.scopes IS 'What the person who started the run was allowed; tool calls carry exactly this.';
COMMENT ON COLUMN runs.fork_gate IS 'A fork keeps the decision of the gate of fork_node (true) or asks again (false).';
COMMENT ON COLUMN runs.mode IS 'rollback: the executor that takes the run undoes its finished nodes instead of running it.';
COMMENT ON COLUMN runs.epoch IS 'Number of the rollback or the restart; part of the engine''s workflow id.';
COMMENT ON COLUMN runs.executor_id IS 'Who runs it. The fence: writes of the engine name it, and change nothing when it is another.';
COMMENT ON COLUMN runs.run_seq IS 'Grows with every visible change of the run or of one of its nodes.';
COMMENT ON COLUMN runs.wake_at IS 'A parked run is taken up again then, with or without a signal.';
CREATE INDEX runs_queued_idx ON runs (tenant_id, priority, created_at) WHERE state = 'queued';
CREATE INDEX runs_busy_idx ON runs (tenant_id) WHERE executor_id IS NOT NULL AND state = 'running';
CREATE INDEX runs_parked_idx ON runs (wake_at) WHERE state IN ('parking', 'parked');
CREATE INDEX runs_executor_idx ON runs (executor_id) WHERE executor_id IS NOT NULL;
CREATE INDEX runs_newest_idx ON runs (tenant_id, created_at DESC);
CREATE INDEX runs_state_idx ON runs (tenant_id, state, created_at DESC);
CREATE INDEX runs_parent_idx ON runs (tenant_id, parent_run_id) WHERE parent_run_id IS NOT NULL;

CREATE FUNCTION run_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('run_changes', json_build_object(
    'tenant', NEW.tenant_id, 'run', NEW.id, 'seq', NEW.run_seq, 'state', NEW.state)::text);
  IF NEW.state = 'queued' THEN
    PERFORM pg_notify('run_queue', '');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER run_inserted AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION run_changed();
CREATE TRIGGER run_updated AFTER UPDATE ON runs FOR EACH ROW
  WHEN (NEW.run_seq <> OLD.run_seq OR NEW.state <> OLD.state) EXECUTE FUNCTION run_changed();

CREATE TABLE run_nodes (
  tenant_id    uuid NOT NULL,
  run_id       text NOT NULL,
  node         text NOT NULL,
  item_index   integer NOT NULL DEFAULT -1,
  state        text NOT NULL CONSTRAINT run_nodes_state_known CHECK (state IN (
                 'pending', 'gated', 'waiting', 'running', 'done', 'skipped', 'failed', 'cancelled',
                 'undoing', 'undone', 'undo_failed')),
  tool         text NOT NULL DEFAULT '',
  attempt      integer NOT NULL DEFAULT 0,
  args         jsonb,
  output       jsonb,
  output_ref   text,
  overridden   boolean NOT NULL DEFAULT false,
  reason       text NOT NULL DEFAULT '',
  progress     real CONSTRAINT run_nodes_progress_range CHECK (progress BETWEEN 0 AND 1),
  error        jsonb,
  executor_id  text,
  run_seq      bigint NOT NULL DEFAULT 0,
  started_at   timestamptz,
  finished_at  timestamptz,
  CONSTRAINT run_nodes_pkey PRIMARY KEY (tenant_id, run_id, node, item_index),
  CONSTRAINT run_nodes_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
COMMENT ON TABLE run_nodes IS
  'What is known of each node, for people; the engine''s own checkpoints decide, and write these rows again on recovery.';
COMMENT ON COLUMN run_nodes.item_index IS '-1: the node itself; else the item of a foreach.';
COMMENT ON COLUMN run_nodes.args IS 'Arguments with their references resolved, as the tool gets them.';
COMMENT ON COLUMN run_nodes.output_ref IS 'SHA-256 of an output of more than 64 KB, kept in run_outputs; then output is null.';
COMMENT ON COLUMN run_nodes.reason IS 'Why it is gated or skipped, in words: breakpoint, paused, approval, condition, failed parent.';

CREATE TABLE run_outputs (
  tenant_id  uuid NOT NULL,
  run_id     text NOT NULL,
  sha256     text NOT NULL CONSTRAINT run_outputs_sha256_shape CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  body       jsonb NOT NULL,
  CONSTRAINT run_outputs_pkey PRIMARY KEY (tenant_id, run_id, sha256),
  CONSTRAINT run_outputs_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE run_outputs IS 'Outputs too large for a checkpoint.';

CREATE TABLE run_control (
  tenant_id   uuid NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  run_id      text NOT NULL,
  node        text NOT NULL DEFAULT '',
  kind        text NOT NULL CONSTRAINT run_control_kind_known CHECK (kind IN (
                'pause', 'breakpoint', 'step', 'release', 'override', 'cancel')),
  value       jsonb,
  actor       text NOT NULL CONSTRAINT run_control_actor_given CHECK (actor <> ''),
  reason      text NOT NULL DEFAULT '',
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  cleared_at  timestamptz,
  CONSTRAINT run_control_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT run_control_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE run_control IS
  'Wishes about a run; in force until cleared_at. pause (node empty) and breakpoint hold nodes that have not begun. '
  'release and step let one held node go, override lets it go with `value` as its output: the engine clears these '
  'three when used. step with an empty node means the first held node of the plan''s order. cancel ends the run; '
  'value {"compensate": true} undoes its finished nodes first.';
CREATE INDEX run_control_active_idx ON run_control (tenant_id, run_id, id) WHERE cleared_at IS NULL;

CREATE TABLE run_waits (
  tenant_id  uuid NOT NULL,
  run_id     text NOT NULL,
  node       text NOT NULL,
  type       text NOT NULL,
  match      jsonb CONSTRAINT run_waits_match_object CHECK (jsonb_typeof(match) = 'object'),
  since      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT run_waits_pkey PRIMARY KEY (tenant_id, run_id, node),
  CONSTRAINT run_waits_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE run_waits IS
  'Events that runs look for, from the start of the run until the node has one: no event falls between the chairs.';
COMMENT ON COLUMN run_waits.match IS 'Fields that the event''s data must equal; null while they depend on an earlier node.';
CREATE INDEX run_waits_type_idx ON run_waits (tenant_id, type);

CREATE TABLE run_signals (
  tenant_id  uuid NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  run_id     text NOT NULL,
  node       text NOT NULL,
  key        text NOT NULL CONSTRAINT run_signals_key_given CHECK (key <> ''),
  type       text NOT NULL,
  data       jsonb NOT NULL CONSTRAINT run_signals_data_object CHECK (jsonb_typeof(data) = 'object'),
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  read_at    timestamptz,
  CONSTRAINT run_signals_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT run_signals_key UNIQUE (tenant_id, run_id, node, key),
  CONSTRAINT run_signals_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE run_signals IS 'Events that reached a run; the key (id of the event) makes a second copy harmless.';
CREATE INDEX run_signals_unread_idx ON run_signals (tenant_id, run_id) WHERE read_at IS NULL;

CREATE TABLE run_approvals (
  tenant_id     uuid NOT NULL,
  run_id        text NOT NULL,
  node          text NOT NULL,
  tool          text NOT NULL,
  args          jsonb NOT NULL,
  args_sha256   text NOT NULL CONSTRAINT run_approvals_sha256_shape CHECK (args_sha256 ~ '^[0-9a-f]{64}$'),
  reason        text NOT NULL,
  scope         text NOT NULL,
  state         text NOT NULL DEFAULT 'pending'
                CONSTRAINT run_approvals_state_known CHECK (state IN ('pending', 'approved', 'rejected', 'expired')),
  requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at    timestamptz,
  decided_by    text,
  decided_at    timestamptz,
  comment       text NOT NULL DEFAULT '',
  CONSTRAINT run_approvals_pkey PRIMARY KEY (tenant_id, run_id, node),
  CONSTRAINT run_approvals_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT run_approvals_decided_by_someone CHECK (state NOT IN ('approved', 'rejected') OR decided_by IS NOT NULL)
);
COMMENT ON TABLE run_approvals IS 'A decision holds for the tool and exactly these arguments (args_sha256).';
CREATE INDEX run_approvals_pending_idx ON run_approvals (tenant_id, requested_at) WHERE state = 'pending';

CREATE FUNCTION run_wished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('run_control', json_build_object('tenant', NEW.tenant_id, 'run', NEW.run_id)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER run_control_wished AFTER INSERT OR UPDATE ON run_control FOR EACH ROW EXECUTE FUNCTION run_wished();
CREATE TRIGGER run_signals_wished AFTER INSERT ON run_signals FOR EACH ROW EXECUTE FUNCTION run_wished();
CREATE TRIGGER run_approvals_wished AFTER UPDATE ON run_approvals FOR EACH ROW EXECUTE FUNCTION run_wished();

CREATE FUNCTION child_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('run_control', json_build_object('tenant', NEW.tenant_id, 'run', NEW.parent_run_id)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER run_child_finished AFTER UPDATE ON runs FOR EACH ROW
  WHEN (NEW.parent_run_id IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL)
  EXECUTE FUNCTION child_finished();

-- Append-only, hash-chained per run by the server: hash = sha256(prev_hash || utf8(json array of the row's texts)).
CREATE TABLE run_audit (
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  run_id     text NOT NULL,
  seq        bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor      text NOT NULL CONSTRAINT run_audit_actor_given CHECK (actor <> ''),
  action     text NOT NULL CONSTRAINT run_audit_action_given CHECK (action <> ''),
  node       text NOT NULL DEFAULT '',
  reason     text NOT NULL DEFAULT '',
  before     json,
  after      json,
  prev_hash  bytea NOT NULL,
  hash       bytea NOT NULL CONSTRAINT run_audit_hash_length CHECK (length(hash) = 32),
  CONSTRAINT run_audit_pkey PRIMARY KEY (tenant_id, run_id, seq)
);
COMMENT ON TABLE run_audit IS
  'What people and agents did to a run. No reference to runs: the record stays when a run is purged.';
COMMENT ON COLUMN run_audit.before IS 'json, not jsonb: the text is part of the hash and must stay as written.';

CREATE FUNCTION run_audit_canonical(r run_audit) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(json_build_array(
    r.seq::text, r.tenant_id::text, r.run_id, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    r.actor, r.action, r.node, r.reason, r.before::text, r.after::text
  )::text, 'UTF8')
$$;

CREATE FUNCTION run_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.tenant_id::text || '/' || NEW.run_id, 4248));
  SELECT seq, hash INTO head FROM run_audit
    WHERE tenant_id = NEW.tenant_id AND run_id = NEW.run_id ORDER BY seq DESC LIMIT 1;
  NEW.seq := coalesce(head.seq, 0) + 1;
  NEW.prev_hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := sha256(NEW.prev_hash || run_audit_canonical(NEW));
  RETURN NEW;
END $$;
CREATE TRIGGER run_audit_chain BEFORE INSERT ON run_audit FOR EACH ROW EXECUTE FUNCTION run_audit_chain();

CREATE FUNCTION run_audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit of runs is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER run_audit_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON run_audit
  FOR EACH STATEMENT EXECUTE FUNCTION run_audit_is_final();

CREATE TABLE run_schedules (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  name        text NOT NULL CONSTRAINT run_schedules_name_shape CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
  cron        text NOT NULL,
  timezone    text NOT NULL DEFAULT 'UTC',
  plan        jsonb NOT NULL CONSTRAINT run_schedules_plan_object CHECK (jsonb_typeof(plan) = 'object'),
  inputs      jsonb NOT NULL DEFAULT '{}',
  priority    integer NOT NULL DEFAULT 100,
  queue       text NOT NULL DEFAULT 'batch' CONSTRAINT run_schedules_queue_known CHECK (queue IN ('interactive', 'batch')),
  created_by  text NOT NULL CONSTRAINT run_schedules_created_by_given CHECK (created_by <> ''),
  scopes      text[] NOT NULL DEFAULT '{}',
  enabled     boolean NOT NULL DEFAULT true,
  next_at     timestamptz NOT NULL,
  last_at     timestamptz,
  CONSTRAINT run_schedules_pkey PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE run_schedules IS
  'Plans run by the clock. The run''s id is made of name and due time, so that a time is run once; of times missed '
  'while nothing ran only the last is made up for.';
CREATE INDEX run_schedules_due_idx ON run_schedules (next_at) WHERE enabled;

CREATE TABLE run_triggers (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  name        text NOT NULL CONSTRAINT run_triggers_name_shape CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
  event_type  text NOT NULL,
  match       jsonb NOT NULL DEFAULT '{}' CONSTRAINT run_triggers_match_object CHECK (jsonb_typeof(match) = 'object'),
  plan        jsonb NOT NULL CONSTRAINT run_triggers_plan_object CHECK (jsonb_typeof(plan) = 'object'),
  inputs      jsonb NOT NULL DEFAULT '{}' CONSTRAINT run_triggers_inputs_object CHECK (jsonb_typeof(inputs) = 'object'),
  priority    integer NOT NULL DEFAULT 100,
  queue       text NOT NULL DEFAULT 'interactive'
              CONSTRAINT run_triggers_queue_known CHECK (queue IN ('interactive', 'batch')),
  created_by  text NOT NULL CONSTRAINT run_triggers_created_by_given CHECK (created_by <> ''),
  scopes      text[] NOT NULL DEFAULT '{}',
  enabled     boolean NOT NULL DEFAULT true,
  CONSTRAINT run_triggers_pkey PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE run_triggers IS 'Plans started by an event. The run''s id is evt:{event id}:{name}, so that an event starts one run.';
COMMENT ON COLUMN run_triggers.inputs IS 'Inputs of the run: literals, or "$event.<path>" of the event''s data.';
CREATE INDEX run_triggers_type_idx ON run_triggers (tenant_id, event_type) WHERE enabled;

CREATE TABLE engine_executors (
  id          text NOT NULL CONSTRAINT engine_executors_pkey PRIMARY KEY,
  version     text NOT NULL,
  host        text NOT NULL,
  pid         integer NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at  timestamptz NOT NULL,
  figures     jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE engine_executors IS
  'Global: processes that run plans. An id is never used again; past expires_at (clock of the server) others take its runs over.';
GRANT SELECT ON engine_executors TO redaptive_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON engine_executors TO redaptive_worker;

CREATE TABLE tool_idempotency (
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  key          text NOT NULL CONSTRAINT tool_idempotency_key_given CHECK (key <> ''),
  tool         text NOT NULL,
  args_sha256  text NOT NULL CONSTRAINT tool_idempotency_sha256_shape CHECK (args_sha256 ~ '^[0-9a-f]{64}$'),
  result       jsonb NOT NULL,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT tool_idempotency_pkey PRIMARY KEY (tenant_id, key)
);
COMMENT ON TABLE tool_idempotency IS
  'Results of tools with side effects, written in the transaction of the effect. The same key with other arguments is an error.';
CREATE INDEX tool_idempotency_at_idx ON tool_idempotency (at);

CALL secure_tenant_table('runs', 'SELECT, INSERT', 'SELECT, INSERT, UPDATE, DELETE');
-- What a run does (plan, inputs, scopes) never changes after its insert: a change would break its replay.
GRANT UPDATE (state, priority, mode, epoch, run_seq, error, changed_at, finished_at, wake_at) ON runs TO redaptive_app;
CALL secure_tenant_table('run_nodes', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_outputs', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_control', 'SELECT, INSERT, UPDATE', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_waits', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_signals', 'SELECT, INSERT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_approvals', 'SELECT, UPDATE', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_audit', 'SELECT', 'SELECT');
GRANT INSERT (tenant_id, run_id, actor, action, node, reason, before, after) ON run_audit
  TO redaptive_app, redaptive_worker;
CALL secure_tenant_table('run_schedules', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_triggers', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('tool_idempotency', 'SELECT, INSERT, DELETE', 'SELECT, INSERT, DELETE');
