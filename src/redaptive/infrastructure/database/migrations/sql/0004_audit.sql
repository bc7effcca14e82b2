-- Append-only audit log, partitioned by month, hash-chained per tenant by the server itself:
-- hash = sha256(prev_hash || utf8(json array of the row's texts)). seq and hashes cannot be given by the application.
CREATE TABLE audit_log (
  tenant_id     uuid NOT NULL REFERENCES tenants (id),
  seq           bigint NOT NULL,
  at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  subject       text NOT NULL CONSTRAINT audit_log_subject_given CHECK (subject <> ''),
  on_behalf_of  text,
  action        text NOT NULL CONSTRAINT audit_log_action_given CHECK (action <> ''),
  object_kind   text NOT NULL,
  object_id     text NOT NULL,
  before        json,
  after         json,
  run_id        text,
  reason        text,
  prev_hash     bytea NOT NULL,
  hash          bytea NOT NULL CONSTRAINT audit_log_hash_length CHECK (length(hash) = 32),
  CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, seq, at)
) PARTITION BY RANGE (at);
COMMENT ON COLUMN audit_log.before IS 'json, not jsonb: the text is part of the hash and must stay as written.';

CREATE FUNCTION audit_canonical(r audit_log) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(json_build_array(
    r.seq::text, r.tenant_id::text, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    r.subject, r.on_behalf_of, r.action, r.object_kind, r.object_id, r.before::text, r.after::text, r.run_id, r.reason
  )::text, 'UTF8')
$$;

CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head record;
BEGIN
  -- One writer per tenant at a time, until its transaction ends; else two rows could get one predecessor.
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.tenant_id::text, 4242));
  SELECT seq, hash INTO head FROM audit_log WHERE tenant_id = NEW.tenant_id ORDER BY seq DESC LIMIT 1;
  NEW.seq := coalesce(head.seq, 0) + 1;
  NEW.prev_hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := sha256(NEW.prev_hash || audit_canonical(NEW));
  RETURN NEW;
END $$;

CREATE TRIGGER audit_chain BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_chain();

CREATE PROCEDURE create_audit_partitions(first_month date, months integer) LANGUAGE plpgsql AS $$
DECLARE month date; name text;
BEGIN
  FOR i IN 0 .. months - 1 LOOP
    month := (date_trunc('month', first_month) + make_interval(months => i))::date;
    name := format('audit_log_%s', to_char(month, 'YYYY_MM'));
    IF to_regclass(name) IS NULL THEN
      EXECUTE format(
        'CREATE TABLE %I PARTITION OF audit_log FOR VALUES FROM (%L) TO (%L)',
        name, month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
      CALL secure_tenant_table(name::regclass, '');
    END IF;
  END LOOP;
END $$;
REVOKE ALL ON PROCEDURE create_audit_partitions FROM PUBLIC;

CALL secure_tenant_table('audit_log', 'SELECT');
GRANT INSERT (tenant_id, subject, on_behalf_of, action, object_kind, object_id, before, after, run_id, reason)
  ON audit_log TO redaptive_app;
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CALL secure_tenant_table('audit_log_default', '');
CALL create_audit_partitions(current_date, 13);
