-- Trends of equipment, one row per point and day, and what engineers found about the faults that rules reported.
-- Samples of a day are one array: a fifth of the space of one row each, and one read for a window.
CREATE TABLE equipment_trends (
  tenant_id     uuid NOT NULL,
  equipment_id  uuid NOT NULL,
  point         text NOT NULL CONSTRAINT equipment_trends_point_shape CHECK (point ~ '^[a-z][a-z0-9_]*$'),
  day           date NOT NULL,
  interval_s    integer NOT NULL CONSTRAINT equipment_trends_interval CHECK (interval_s > 0 AND 86400 % interval_s = 0),
  samples       real[] NOT NULL CONSTRAINT equipment_trends_whole_day CHECK (cardinality(samples) = 86400 / interval_s),
  CONSTRAINT equipment_trends_pkey PRIMARY KEY (tenant_id, equipment_id, point, day),
  CONSTRAINT equipment_trends_equipment_fkey FOREIGN KEY (tenant_id, equipment_id)
    REFERENCES equipment (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN equipment_trends.samples IS 'Means of the steps of the UTC day, in the unit of the point; NaN is missing.';

CREATE TABLE maintenance_findings (
  tenant_id     uuid NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  equipment_id  uuid NOT NULL,
  rule          text NOT NULL CONSTRAINT maintenance_findings_rule_given CHECK (rule <> ''),
  finding       text NOT NULL CONSTRAINT maintenance_findings_known CHECK (finding IN ('confirmed', 'rejected')),
  note          text NOT NULL DEFAULT '' CONSTRAINT maintenance_findings_note_length CHECK (length(note) <= 2000),
  subject       text NOT NULL CONSTRAINT maintenance_findings_subject_given CHECK (subject <> ''),
  at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT maintenance_findings_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT maintenance_findings_equipment_fkey FOREIGN KEY (tenant_id, equipment_id)
    REFERENCES equipment (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX maintenance_findings_rule_idx ON maintenance_findings (tenant_id, rule);

CALL secure_tenant_table('equipment_trends', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('maintenance_findings', 'SELECT, INSERT');
