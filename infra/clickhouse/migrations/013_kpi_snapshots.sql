-- What the KPIs are read from, so that a dashboard answers in milliseconds however long the history is.
-- potentials_newest is kept row by row by a materialised view. The others are whole snapshots of a view, made anew every minute
-- by refreshable materialised views (`snapshots.py` declares them, since they read views); `as_of` says how far each has come.

CREATE TABLE IF NOT EXISTS potentials_newest
(
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    as_of DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    model_version LowCardinality(String) COMMENT 'Version of the model that spoke',
    config_version LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    account_id String COMMENT 'The account (customer or prospect)',
    week Date32 COMMENT 'The closed week, by its first day',
    potential_eur Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR (median)',
    low_eur Float64 COMMENT 'Lower end of the interval, EUR',
    high_eur Float64 COMMENT 'Upper end of the interval, EUR',
    next_4w_eur Float64 COMMENT 'Revenue expected in the next 4 weeks, EUR',
    next_13w_eur Float64 COMMENT 'Revenue expected in the next 13 weeks, EUR',
    expected_week_eur Float64 COMMENT 'What was expected of the closed week before it was seen, EUR',
    actual_week_eur Float64 COMMENT 'Revenue of the closed week, EUR',
    by_analogy Bool COMMENT 'Whether the potential comes from similar accounts for want of own history',
    segment LowCardinality(String) COMMENT 'Segment A, B or C by potential',
    rep_id LowCardinality(String) COMMENT 'The rep of the account at the end of that week',
    rank UInt64 COMMENT 'Rises with week, then as_of: the row of the highest rank is the present one'
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY account_id
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The newest potential of each account, kept by a materialised view';

CREATE MATERIALIZED VIEW IF NOT EXISTS potentials_newest_fill TO potentials_newest AS
SELECT
    *, toUInt64(toInt64(toInt32(week)) + 40000) * 4398046511104 + toUInt64(toUnixTimestamp64Milli(as_of) + 2199023255552) AS rank
FROM potentials
COMMENT 'Fills potentials_newest';

INSERT INTO potentials_newest
SELECT
    *, toUInt64(toInt64(toInt32(week)) + 40000) * 4398046511104 + toUInt64(toUnixTimestamp64Milli(as_of) + 2199023255552) AS rank
FROM potentials FINAL
ORDER BY account_id, rank DESC
LIMIT 1 BY account_id;

CREATE TABLE IF NOT EXISTS ownership
(
    region_id LowCardinality(String) COMMENT 'The present region of the account',
    account_id String COMMENT 'The account (customer or prospect)',
    rep_id LowCardinality(String) COMMENT 'The rep; empty while the account has none',
    previous_rep_id LowCardinality(String) COMMENT 'The last rep before, or empty',
    moved Bool COMMENT 'Whether the account changed from one rep to another',
    valid_from Date32 COMMENT 'First day of the stretch',
    valid_to Date32 COMMENT 'First day after the stretch; 2299-12-31 while it lasts',
    source LowCardinality(String) COMMENT 'Where the assignment comes from',
    said_at DateTime64(3, 'UTC') COMMENT 'When it was said (event time, UTC)',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (account_id, valid_from)
COMMENT 'Snapshot: who owned which account when, one row per stretch with the same rep';

CREATE TABLE IF NOT EXISTS account_state
(
    account_id String COMMENT 'The account (customer or prospect)',
    region_id LowCardinality(String) COMMENT 'The present region',
    kind LowCardinality(String) COMMENT 'customer or prospect',
    active Bool COMMENT 'Whether it is not closed',
    rep_id LowCardinality(String) COMMENT 'Present owner; empty when there is none',
    segment LowCardinality(String) COMMENT 'Segment the company gave, else that of the model, else C',
    potential_eur Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR; 0 while nothing is known',
    visits_per_year Nullable(Float64) COMMENT 'Target frequency: the own one of the account, else that of its segment',
    visit_minutes Nullable(Float64) COMMENT 'Planned duration: the own one of the account, else that of its segment',
    lat Nullable(Float64) COMMENT 'Latitude, degrees',
    lon Nullable(Float64) COMMENT 'Longitude, degrees',
    city LowCardinality(String) COMMENT 'Town',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (region_id, rep_id, account_id)
COMMENT 'Snapshot: each account with its present owner, potential and plan of visits';

CREATE TABLE IF NOT EXISTS activity_windows
(
    window_days UInt16 COMMENT 'Length of the window in days, (as_of - window_days, as_of]',
    account_id String COMMENT 'The account (customer or prospect)',
    region_id LowCardinality(String) COMMENT 'Region of the account then',
    rep_id LowCardinality(String) COMMENT 'Owner on the day of the order or visit; empty when there was none',
    net_amount Float64 COMMENT 'What the orders add to revenue: a return takes back, a cancelled order counts nothing',
    orders UInt64 COMMENT 'Distinct orders placed',
    visits UInt64 COMMENT 'Visits',
    blank_visits UInt64 COMMENT 'Of these, visits that brought nothing',
    duration_minutes Float64 COMMENT 'Time on site, minutes',
    travel_minutes Float64 COMMENT 'Travel to the visits, minutes',
    travel_km Float64 COMMENT 'Travel to the visits, km',
    visitors Array(String) COMMENT 'Reps who made the visits',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (window_days, region_id, rep_id, account_id)
COMMENT 'Snapshot: orders and visits of each window by account and owner then (as-was), as sums';

CREATE TABLE IF NOT EXISTS plan_windows
(
    window_days UInt16 COMMENT 'Length of the window in days, (as_of - window_days, as_of]',
    account_id String COMMENT 'The account, active',
    region_id LowCardinality(String) COMMENT 'The present region',
    rep_id LowCardinality(String) COMMENT 'Present owner; empty when there is none',
    segment LowCardinality(String) COMMENT 'Segment A, B or C',
    potential_eur Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR',
    visit_minutes Nullable(Float64) COMMENT 'Planned duration of a visit, minutes',
    planned Nullable(Float64) COMMENT 'Visits the window should have seen: visits a year times window_days / 365',
    made Float64 COMMENT 'Visits made in the window',
    net_amount Float64 COMMENT 'Revenue of the window, EUR',
    visit_travel_minutes Float64 COMMENT 'Travel to a visit: mean of the account over 365 days, else of its region, else of the company, else 0',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (window_days, region_id, rep_id, account_id)
COMMENT 'Snapshot: each active account and window, visits made against visits planned';

CREATE TABLE IF NOT EXISTS relation_windows
(
    window_days UInt16 COMMENT 'Length of the window in days, (as_of - window_days, as_of]',
    account_id String COMMENT 'The account, active at both ends of the window',
    region_id LowCardinality(String) COMMENT 'The present region',
    potential_eur Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR',
    rep_then LowCardinality(String) COMMENT 'Owner at the start of the window; empty when there was none',
    rep_now LowCardinality(String) COMMENT 'Owner at its end; empty when there is none',
    changed Bool COMMENT 'Whether it had a rep at the start and has another one, or none, at the end',
    moves UInt64 COMMENT 'Changes from one rep to another inside the window',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (window_days, region_id, account_id)
COMMENT 'Snapshot: relations of accounts and reps at the two ends of each window';

CREATE TABLE IF NOT EXISTS shown_scopes
(
    grain LowCardinality(String) COMMENT 'company, region or territory',
    region_id LowCardinality(String) COMMENT 'The region; empty for the company',
    rep_id LowCardinality(String) COMMENT 'The rep of the territory; empty for the company and a region',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (grain, region_id, rep_id)
COMMENT 'Snapshot: of whom figures of conduct are published';

CREATE TABLE IF NOT EXISTS territory_state
(
    region_id LowCardinality(String) COMMENT 'The region',
    rep_id LowCardinality(String) COMMENT 'The rep, active',
    capacity_hours Nullable(Float64) COMMENT 'Field hours of a year: weekly hours times field weeks',
    accounts UInt64 COMMENT 'Active accounts',
    potential_eur Float64 COMMENT 'Their potential, EUR',
    per_hour Nullable(Float64) COMMENT 'potential_eur / capacity_hours, EUR an hour',
    as_of DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (region_id, rep_id)
COMMENT 'Snapshot: one row per active rep, even without any account';

CREATE TABLE IF NOT EXISTS flash_figures
(
    position UInt8 COMMENT 'Order on the page',
    name String COMMENT 'The figure',
    value Nullable(Float64) COMMENT 'Its value',
    unit String COMMENT 'Its unit',
    target Nullable(Float64) COMMENT 'Target or limit of the settings; null shows none',
    numerator Nullable(Float64) COMMENT 'Numerator of value',
    denominator Nullable(Float64) COMMENT 'Denominator of value',
    as_of DateTime64(3, 'UTC') COMMENT 'Event time the figure speaks of (UTC)'
)
ENGINE = MergeTree
ORDER BY position
COMMENT 'Snapshot: the flash page';

-- Their place is taken by the snapshots.
DROP VIEW IF EXISTS account_windows;
DROP VIEW IF EXISTS order_windows;
DROP VIEW IF EXISTS visit_windows;
