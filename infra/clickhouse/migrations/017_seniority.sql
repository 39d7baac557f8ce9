-- The share of a full territory a rep is ready for; the fair share of potential follows it.

ALTER TABLE reps
    ADD COLUMN IF NOT EXISTS seniority Float64 DEFAULT 1 COMMENT 'Share of a full territory the rep is ready for' AFTER weekly_hours;

ALTER TABLE territory_state
    ADD COLUMN IF NOT EXISTS ready_hours Nullable(Float64) COMMENT 'capacity_hours times seniority: what the fair share of potential follows' AFTER capacity_hours;

-- Made again with the new column after the migrations.
DROP VIEW IF EXISTS territory_state_refresh;
