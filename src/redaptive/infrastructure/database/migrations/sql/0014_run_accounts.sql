-- What calls of tools cost is taken from the budget before they are made, and of all runs above, in one transaction.
CREATE TABLE run_accounts (
  tenant_id  uuid NOT NULL,
  run_id     text NOT NULL,
  limit_usd  numeric NOT NULL CONSTRAINT run_accounts_limit_usd_range CHECK (limit_usd >= 0),
  spent_usd  numeric NOT NULL DEFAULT 0,
  CONSTRAINT run_accounts_pkey PRIMARY KEY (tenant_id, run_id),
  CONSTRAINT run_accounts_never_overdrawn CHECK (spent_usd BETWEEN 0 AND limit_usd),
  CONSTRAINT run_accounts_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
COMMENT ON TABLE run_accounts IS
  'Money of a run and of the runs below it; opened before the first call that costs something. Locked from the top down.';
COMMENT ON COLUMN run_accounts.limit_usd IS 'Budget of the run''s plan. What is left to the runs above it holds as well.';

CREATE TABLE run_charges (
  tenant_id   uuid NOT NULL,
  run_id      text NOT NULL,
  node        text NOT NULL,
  item_index  integer NOT NULL DEFAULT -1,
  attempt     integer NOT NULL CONSTRAINT run_charges_attempt_counted CHECK (attempt >= 1),
  usd         numeric NOT NULL CONSTRAINT run_charges_usd_positive CHECK (usd > 0),
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT run_charges_pkey PRIMARY KEY (tenant_id, run_id, node, item_index, attempt),
  CONSTRAINT run_charges_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE run_charges IS
  'Attempts that are paid for. One that is repeated after a kill has the same row, as its call has the same key.';
CALL secure_tenant_table('run_accounts', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('run_charges', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
COMMENT ON COLUMN runs.spent_usd IS 'Copy of the account, for people.';
COMMENT ON COLUMN runs.limit_usd IS 'Not used since run_accounts, which knows the runs above.';
