-- A rep who is absent for a time, while colleagues stand in.

ALTER TABLE reps
    ADD COLUMN IF NOT EXISTS absent_from Nullable(Date32) COMMENT 'First day of an absence in which colleagues stand in' AFTER active_to,
    ADD COLUMN IF NOT EXISTS absent_to Nullable(Date32) COMMENT 'Last day of that absence, included' AFTER absent_from;
