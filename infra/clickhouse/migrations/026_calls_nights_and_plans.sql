-- What a visit report may tell beside the visit: that it was a call, nights away from home, and what became of the plan.
-- And when the contact persons of an account were last seen to.

ALTER TABLE visits
    ADD COLUMN IF NOT EXISTS channel LowCardinality(String) DEFAULT 'visit' COMMENT 'visit, call or video; calls and video meetings are no visits' AFTER products_seen,
    ADD COLUMN IF NOT EXISTS nights UInt16 COMMENT 'Nights spent away from home for it' AFTER channel,
    ADD COLUMN IF NOT EXISTS status LowCardinality(String) DEFAULT 'done' COMMENT 'done, moved or cancelled; only what was done is a visit' AFTER nights;

ALTER TABLE accounts
    ADD COLUMN IF NOT EXISTS contact_updated_on Nullable(Date32) COMMENT 'When its contact persons were last entered or confirmed; null: not known' AFTER skills;

ALTER TABLE activity_windows
    ADD COLUMN IF NOT EXISTS nights UInt64 COMMENT 'Nights spent away from home for the visits' AFTER visitors,
    ADD COLUMN IF NOT EXISTS calls UInt64 COMMENT 'Calls and video meetings; they are no visits and in none of the other columns' AFTER nights;

ALTER TABLE plan_windows
    ADD COLUMN IF NOT EXISTS contacts Float64 COMMENT 'Visits, calls and video meetings of the window' AFTER made;

-- Made again with the new columns after the migrations.
DROP VIEW IF EXISTS activity_windows_refresh;
DROP VIEW IF EXISTS plan_windows_refresh;
