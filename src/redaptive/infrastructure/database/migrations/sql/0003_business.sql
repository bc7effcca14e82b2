-- Documents, bills, measures, projects, contracts, alerts, tickets, truth of the sample.
CREATE TABLE documents (
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  sha256       text NOT NULL CONSTRAINT documents_sha256_shape CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  filename     text NOT NULL,
  media_type   text NOT NULL,
  size_bytes   bigint NOT NULL CONSTRAINT documents_size_positive CHECK (size_bytes >= 0),
  class        text,
  confidence   double precision CONSTRAINT documents_confidence_range CHECK (confidence BETWEEN 0 AND 1),
  facts        jsonb NOT NULL DEFAULT '{}' CONSTRAINT documents_facts_object CHECK (jsonb_typeof(facts) = 'object'),
  received_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT documents_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT documents_sha256_key UNIQUE (tenant_id, sha256)
);

CREATE TABLE bills (
  tenant_id      uuid NOT NULL,
  id             uuid NOT NULL DEFAULT gen_random_uuid(),
  code           text NOT NULL CONSTRAINT bills_code_shape CHECK (length(code) BETWEEN 1 AND 200),
  building_id    uuid NOT NULL,
  meter_id       uuid,
  document_id    uuid,
  utility        text NOT NULL,
  account        text NOT NULL,
  number         text NOT NULL,
  rate_code      text,
  commodity      text NOT NULL CONSTRAINT bills_commodity_known CHECK (commodity IN (
    'electricity', 'gas', 'steam', 'chilled_water', 'hot_water', 'fuel_oil', 'propane', 'solar', 'water')),
  period_start   date NOT NULL,
  period_end     date NOT NULL,
  usage          numeric(18, 3),
  usage_unit     text NOT NULL,
  demand_kw      numeric(14, 3),
  estimated      boolean NOT NULL,
  total_usd      numeric(14, 2) NOT NULL,
  due_date       date,
  source         text NOT NULL,
  CONSTRAINT bills_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT bills_code_key UNIQUE (tenant_id, code),
  CONSTRAINT bills_period CHECK (period_end > period_start),
  CONSTRAINT bills_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id),
  CONSTRAINT bills_meter_fkey FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id),
  CONSTRAINT bills_document_fkey FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id)
);
COMMENT ON COLUMN bills.code IS 'Our key. The printed number is not unique on purpose: a duplicate invoice is a finding.';
CREATE INDEX bills_building_idx ON bills (tenant_id, building_id, period_start);

CREATE TABLE bill_lines (
  tenant_id   uuid NOT NULL,
  bill_id     uuid NOT NULL,
  line_no     integer NOT NULL CONSTRAINT bill_lines_number_positive CHECK (line_no >= 1),
  charge      text NOT NULL,
  quantity    numeric(18, 4),
  unit        text NOT NULL,
  rate        numeric(18, 8),
  amount_usd  numeric(14, 2) NOT NULL,
  CONSTRAINT bill_lines_pkey PRIMARY KEY (tenant_id, bill_id, line_no),
  CONSTRAINT bill_lines_bill_fkey FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE contracts (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  code         text NOT NULL CONSTRAINT contracts_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  customer_id  uuid NOT NULL,
  form         text NOT NULL CONSTRAINT contracts_form_known CHECK (form IN ('shared_savings', 'fixed_fee', 'per_unit', 'supply')),
  terms        jsonb NOT NULL CONSTRAINT contracts_terms_object CHECK (jsonb_typeof(terms) = 'object'),
  starts_on    date NOT NULL,
  ends_on      date,
  CONSTRAINT contracts_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT contracts_code_key UNIQUE (tenant_id, code),
  CONSTRAINT contracts_range CHECK (ends_on IS NULL OR ends_on > starts_on),
  CONSTRAINT contracts_customer_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);

CREATE TABLE measures (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL DEFAULT gen_random_uuid(),
  building_id     uuid NOT NULL,
  measure         text NOT NULL,
  run_id          text NOT NULL DEFAULT '',
  savings_kwh     double precision NOT NULL,
  savings_usd     numeric(14, 2) NOT NULL,
  capex_usd       numeric(14, 2) NOT NULL CONSTRAINT measures_capex_positive CHECK (capex_usd >= 0),
  evidence        jsonb NOT NULL DEFAULT '{}' CONSTRAINT measures_evidence_object CHECK (jsonb_typeof(evidence) = 'object'),
  found_at        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT measures_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT measures_key UNIQUE (tenant_id, building_id, measure, run_id),
  CONSTRAINT measures_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id)
);

CREATE TABLE projects (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  code         text NOT NULL CONSTRAINT projects_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name         text NOT NULL,
  contract_id  uuid,
  state        text NOT NULL CONSTRAINT projects_state_known
               CHECK (state IN ('proposed', 'approved', 'scheduled', 'installing', 'operating', 'closed', 'cancelled')),
  budget_usd   numeric(14, 2) NOT NULL CONSTRAINT projects_budget_positive CHECK (budget_usd >= 0),
  starts_on    date,
  ends_on      date,
  plan         jsonb NOT NULL DEFAULT '{}' CONSTRAINT projects_plan_object CHECK (jsonb_typeof(plan) = 'object'),
  version      integer NOT NULL DEFAULT 1 CONSTRAINT projects_version_positive CHECK (version >= 1),
  CONSTRAINT projects_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT projects_code_key UNIQUE (tenant_id, code),
  CONSTRAINT projects_contract_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id)
);

CREATE TABLE project_measures (
  tenant_id      uuid NOT NULL,
  project_id     uuid NOT NULL,
  building_id    uuid NOT NULL,
  measure        text NOT NULL,
  installed_from date,
  installed_to   date,
  savings_kwh    double precision NOT NULL,
  capex_usd      numeric(14, 2) NOT NULL,
  CONSTRAINT project_measures_pkey PRIMARY KEY (tenant_id, project_id, building_id, measure),
  CONSTRAINT project_measures_project_fkey
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT project_measures_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id)
);

CREATE TABLE alerts (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  dedup_key    text NOT NULL,
  building_id  uuid,
  meter_id     uuid,
  kind         text NOT NULL,
  severity     text NOT NULL CONSTRAINT alerts_severity_known CHECK (severity IN ('info', 'warning', 'critical')),
  usd_per_day  numeric(14, 2) NOT NULL DEFAULT 0,
  detail       jsonb NOT NULL DEFAULT '{}' CONSTRAINT alerts_detail_object CHECK (jsonb_typeof(detail) = 'object'),
  opened_at    timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  closed_at    timestamptz,
  occurrences  integer NOT NULL DEFAULT 1 CONSTRAINT alerts_occurrences_positive CHECK (occurrences >= 1),
  CONSTRAINT alerts_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT alerts_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id),
  CONSTRAINT alerts_meter_fkey FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id)
);
CREATE UNIQUE INDEX alerts_open_key ON alerts (tenant_id, dedup_key) WHERE closed_at IS NULL;

CREATE TABLE tickets (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  code         text NOT NULL CONSTRAINT tickets_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  customer_id  uuid,
  building_id  uuid,
  alert_id     uuid,
  subject      text NOT NULL,
  priority     text NOT NULL CONSTRAINT tickets_priority_known CHECK (priority IN ('P1', 'P2', 'P3', 'P4')),
  state        text NOT NULL CONSTRAINT tickets_state_known
               CHECK (state IN ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
  usd_per_day  numeric(14, 2) NOT NULL DEFAULT 0,
  safety       boolean NOT NULL DEFAULT false,
  history      jsonb NOT NULL DEFAULT '[]' CONSTRAINT tickets_history_array CHECK (jsonb_typeof(history) = 'array'),
  opened_at    timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tickets_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT tickets_code_key UNIQUE (tenant_id, code),
  CONSTRAINT tickets_customer_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
  CONSTRAINT tickets_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id),
  CONSTRAINT tickets_alert_fkey FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id)
);

CREATE TABLE sample_truth (
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  kind       text NOT NULL CONSTRAINT sample_truth_kind_known
             CHECK (kind IN ('fault', 'project', 'non_routine_event', 'bill_error')),
  subject    text NOT NULL,
  payload    jsonb NOT NULL CONSTRAINT sample_truth_payload_object CHECK (jsonb_typeof(payload) = 'object'),
  CONSTRAINT sample_truth_pkey PRIMARY KEY (tenant_id, id)
);

CALL secure_tenant_table('documents', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('bills', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('bill_lines', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('contracts', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('measures', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('projects', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('project_measures', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('alerts', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE');
CALL secure_tenant_table('tickets', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('sample_truth', 'SELECT, INSERT, DELETE');
