-- Roles, tenants, helpers of row security, imports, reference data.
-- Runs as the owner; the roles exist already on the embedded server. On a configured server they are
-- created here if the owner may, else the administrator creates them (the message says how).
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['redaptive_app', 'redaptive_worker'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', wanted);
      EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'role % is missing; ask the administrator for: CREATE ROLE % LOGIN PASSWORD ''...''', wanted, wanted;
      END;
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO redaptive_app, redaptive_worker;

-- One place for the recipe, so that no table can get half of it.
CREATE PROCEDURE secure_tenant_table(target regclass, privileges text, worker_privileges text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format(
    'CREATE POLICY tenant ON %s TO redaptive_app'
    ' USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
    ' WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', target);
  IF privileges <> '' THEN
    EXECUTE format('GRANT %s ON %s TO redaptive_app', privileges, target);
  END IF;
  IF worker_privileges IS NOT NULL THEN
    EXECUTE format('CREATE POLICY worker ON %s TO redaptive_worker USING (true) WITH CHECK (true)', target);
    EXECUTE format('GRANT %s ON %s TO redaptive_worker', worker_privileges, target);
  END IF;
END $$;
REVOKE ALL ON PROCEDURE secure_tenant_table FROM PUBLIC;

CREATE TABLE tenants (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name        text NOT NULL CONSTRAINT tenants_name_key UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenants_name_shape CHECK (length(name) BETWEEN 1 AND 100 AND name = btrim(name))
);
COMMENT ON TABLE tenants IS 'Global: who exists. Holds no tenant data, so it has no row security.';
GRANT SELECT, INSERT ON tenants TO redaptive_app;
GRANT SELECT ON tenants TO redaptive_worker;

CREATE TABLE imports (
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  token          bigint GENERATED ALWAYS AS IDENTITY,
  kind           text NOT NULL,
  filename       text NOT NULL,
  sha256         text NOT NULL CONSTRAINT imports_sha256_shape CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes     bigint NOT NULL CONSTRAINT imports_size_positive CHECK (size_bytes >= 0),
  state          text NOT NULL DEFAULT 'running'
                 CONSTRAINT imports_state_known CHECK (state IN ('running', 'done', 'failed')),
  rows_accepted  bigint NOT NULL DEFAULT 0 CONSTRAINT imports_accepted_positive CHECK (rows_accepted >= 0),
  rows_rejected  bigint NOT NULL DEFAULT 0 CONSTRAINT imports_rejected_positive CHECK (rows_rejected >= 0),
  rows_flagged   bigint NOT NULL DEFAULT 0 CONSTRAINT imports_flagged_positive CHECK (rows_flagged >= 0),
  rejected_path  text,
  message        text,
  subject        text NOT NULL DEFAULT '',
  started_at     timestamptz NOT NULL DEFAULT now(),
  finished_at    timestamptz,
  CONSTRAINT imports_pkey PRIMARY KEY (tenant_id, token),
  CONSTRAINT imports_file_key UNIQUE (tenant_id, kind, sha256)
);
COMMENT ON COLUMN imports.token IS 'Idempotency token of the readings store: the same file always has the same token.';
CALL secure_tenant_table('imports', 'SELECT, INSERT, UPDATE');

CREATE TABLE reference_rows (
  set_name        text NOT NULL,
  key             text NOT NULL,
  payload         jsonb NOT NULL CONSTRAINT reference_rows_payload_object CHECK (jsonb_typeof(payload) = 'object'),
  unit            text NOT NULL DEFAULT '',
  source          text NOT NULL,
  data_year       integer NOT NULL CONSTRAINT reference_rows_year_plausible CHECK (data_year BETWEEN 1900 AND 2200),
  effective_from  date NOT NULL,
  effective_to    date,
  retrieved       date NOT NULL,
  version         text NOT NULL,
  checked         boolean NOT NULL,
  CONSTRAINT reference_rows_pkey PRIMARY KEY (set_name, key, effective_from, version),
  CONSTRAINT reference_rows_range CHECK (effective_to IS NULL OR effective_to > effective_from)
);
COMMENT ON TABLE reference_rows IS
  'Global dated factors, medians, costs: read-only for the application; [effective_from, effective_to).';
GRANT SELECT ON reference_rows TO redaptive_app, redaptive_worker;

CREATE TABLE tariffs (
  code            text NOT NULL,
  version         integer NOT NULL CONSTRAINT tariffs_version_positive CHECK (version >= 1),
  utility         text NOT NULL,
  name            text NOT NULL,
  urdb            jsonb NOT NULL CONSTRAINT tariffs_urdb_object CHECK (jsonb_typeof(urdb) = 'object'),
  source          text NOT NULL,
  data_year       integer NOT NULL,
  effective_from  date NOT NULL,
  effective_to    date,
  retrieved       date NOT NULL,
  checked         boolean NOT NULL,
  CONSTRAINT tariffs_pkey PRIMARY KEY (code, version),
  CONSTRAINT tariffs_range CHECK (effective_to IS NULL OR effective_to > effective_from)
);
COMMENT ON TABLE tariffs IS 'Global published tariffs with URDB field names; a tenant''s own are tenant_tariffs.';
GRANT SELECT ON tariffs TO redaptive_app, redaptive_worker;

CREATE TABLE market_prices (
  market     text NOT NULL,
  node       text NOT NULL,
  starts_at  timestamptz NOT NULL,
  interval_s integer NOT NULL CONSTRAINT market_prices_interval_positive CHECK (interval_s > 0),
  usd_per_mwh numeric(14, 4) NOT NULL,
  source     text NOT NULL,
  CONSTRAINT market_prices_pkey PRIMARY KEY (market, node, starts_at)
);
GRANT SELECT ON market_prices TO redaptive_app, redaptive_worker;
