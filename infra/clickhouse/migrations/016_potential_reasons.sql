-- Why each estimate is what it is, and what growth it anticipates.

ALTER TABLE potentials
    ADD COLUMN IF NOT EXISTS growth_eur Float64 COMMENT 'The potential as anticipated, less as many weeks at the present level, EUR',
    ADD COLUMN IF NOT EXISTS base_eur Float64 COMMENT 'What the account bought in the past year, or what a new account is usually worth, EUR a year',
    ADD COLUMN IF NOT EXISTS base_by_analogy Bool COMMENT 'Whether that base is what a new account is usually worth',
    ADD COLUMN IF NOT EXISTS reasons Array(Tuple(estimate String, code String, eur Float64, change Float64, since Nullable(Date32), waited_weeks UInt16, usual_gap_weeks UInt16, words String)) COMMENT 'The three strongest reasons of potential, next_13w and next_4w: EUR by which each moves the estimate from its base, and words';

ALTER TABLE potentials_newest
    ADD COLUMN IF NOT EXISTS growth_eur Float64 COMMENT 'The potential as anticipated, less as many weeks at the present level, EUR' AFTER rep_id,
    ADD COLUMN IF NOT EXISTS base_eur Float64 COMMENT 'What the account bought in the past year, or what a new account is usually worth, EUR a year' AFTER growth_eur,
    ADD COLUMN IF NOT EXISTS base_by_analogy Bool COMMENT 'Whether that base is what a new account is usually worth' AFTER base_eur,
    ADD COLUMN IF NOT EXISTS reasons Array(Tuple(estimate String, code String, eur Float64, change Float64, since Nullable(Date32), waited_weeks UInt16, usual_gap_weeks UInt16, words String)) COMMENT 'The three strongest reasons of potential, next_13w and next_4w: EUR by which each moves the estimate from its base, and words' AFTER base_by_analogy;

ALTER TABLE potentials_newest_fill MODIFY QUERY
SELECT
    *, toUInt64(toInt64(toInt32(week)) + 40000) * 4398046511104 + toUInt64(toUnixTimestamp64Milli(as_of) + 2199023255552) AS rank
FROM potentials;
