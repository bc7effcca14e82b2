-- What runs have used of their budgets.
ALTER TABLE runs
  ADD COLUMN worked_ms bigint NOT NULL DEFAULT 0 CONSTRAINT runs_worked_ms_range CHECK (worked_ms >= 0),
  ADD COLUMN spent_ms  bigint NOT NULL DEFAULT 0 CONSTRAINT runs_spent_ms_range CHECK (spent_ms >= 0),
  ADD COLUMN spent_usd double precision NOT NULL DEFAULT 0 CONSTRAINT runs_spent_usd_range CHECK (spent_usd >= 0),
  ADD COLUMN limit_s   double precision CONSTRAINT runs_limit_s_range CHECK (limit_s >= 0),
  ADD COLUMN limit_usd double precision CONSTRAINT runs_limit_usd_range CHECK (limit_usd >= 0);
COMMENT ON COLUMN runs.worked_ms IS
  'Time in which some node was at work, summed over executors; not while all of them waited for people, events or children.';
COMMENT ON COLUMN runs.spent_ms IS 'worked_ms and the share of its child runs: what counts against budget.seconds.';
COMMENT ON COLUMN runs.spent_usd IS 'Prices of the calls of tools, each attempt, children included: counts against budget.usd.';
COMMENT ON COLUMN runs.limit_s IS 'A child run may not take longer than what was left of its parent''s budget.';
COMMENT ON COLUMN runs.limit_usd IS 'Nor cost more.';
