-- What Terradrift says. A later version of the same key replaces the earlier one (FINAL where it matters).

CREATE TABLE IF NOT EXISTS potentials
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
    rep_id LowCardinality(String) COMMENT 'The rep of the account at the end of that week'
)
ENGINE = ReplacingMergeTree(as_of)
PARTITION BY toYear(week)
ORDER BY (region_id, account_id, week)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What each account was worth at the end of each closed week; a correction replaces its week';

CREATE TABLE IF NOT EXISTS alerts
(
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    as_of DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    model_version LowCardinality(String) COMMENT 'Version of the model that spoke',
    config_version LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    alert_id String COMMENT 'The alert',
    revision UInt32 COMMENT 'Number of the change; the highest is the present state',
    dedup_key String COMMENT 'Same key, same matter',
    group_id String COMMENT 'Alerts of one cause share it',
    state LowCardinality(String) COMMENT 'pending, firing, recovering or resolved',
    severity LowCardinality(String) COMMENT 'info, warning or critical',
    cause_class LowCardinality(String) COMMENT 'Class of the likely cause',
    scope LowCardinality(String) COMMENT 'What kind of thing it is about',
    scope_id String COMMENT 'The thing it is about',
    direction LowCardinality(String) COMMENT 'drop or rise',
    title String COMMENT 'What, where and why, in a sentence',
    started_on Date32 COMMENT 'Day on which the change began',
    detected_on Date32 COMMENT 'Day on which it was seen',
    resolved_on Nullable(Date32) COMMENT 'Day on which it ended',
    observed_eur Float64 COMMENT 'What was seen, EUR',
    expected_eur Float64 COMMENT 'What was expected, EUR',
    deviation_share Float64 COMMENT '(observed - expected) / expected',
    eur_at_risk Float64 COMMENT 'What is at stake, EUR a year',
    statistic Float64 COMMENT 'Statistic of the detector',
    threshold Float64 COMMENT 'Threshold of the detector',
    sample_size UInt32 COMMENT 'Observations behind it',
    evidence String COMMENT 'Evidence for the cause, for people',
    related_market_events Array(String) COMMENT 'Market events that may explain it',
    accounts Array(String) COMMENT 'Accounts concerned',
    suggestion_id String COMMENT 'The suggestion it belongs to, or empty'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (alert_id, revision)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Every change of every alert';

CREATE TABLE IF NOT EXISTS suggestions
(
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    as_of DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    model_version LowCardinality(String) COMMENT 'Version of the model that spoke',
    config_version LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    suggestion_id String COMMENT 'The suggestion',
    revision UInt32 COMMENT 'Number of the change; the highest is the present state',
    status LowCardinality(String) COMMENT 'proposed, approved, rejected, modified, snoozed, expired or rolled_back',
    cause LowCardinality(String) COMMENT 'What made us look for a better plan',
    alert_ids Array(String) COMMENT 'Alerts that led to it',
    reason String COMMENT 'Why, in a sentence',
    created_on Date32 COMMENT 'Day on which it was made',
    expires_on Date32 COMMENT 'Day after which it is no longer open',
    effective_from Nullable(Date32) COMMENT 'First day on which the moves hold',
    objective_before_eur Float64 COMMENT 'Cost of the plan before, EUR a year',
    objective_after_eur Float64 COMMENT 'Cost of the plan after, EUR a year',
    worth_eur Float64 COMMENT 'What it earns after its own cost, EUR a year',
    bound_eur Float64 COMMENT 'No plan within the rules costs less, EUR a year',
    gap_share Float64 COMMENT '(objective - bound) / objective',
    spread_before Float64 COMMENT 'Spread of potential per capacity before, share of the mean',
    spread_after Float64 COMMENT 'Spread of potential per capacity after, share of the mean',
    max_deviation_before Float64 COMMENT 'Largest deviation from the fair share before',
    max_deviation_after Float64 COMMENT 'Largest deviation from the fair share after',
    travel_km_before Float64 COMMENT 'Travel before, km a year',
    travel_km_after Float64 COMMENT 'Travel after, km a year',
    potential_moved_eur Float64 COMMENT 'Potential that changes rep, EUR',
    probability_positive Float64 COMMENT 'Probability that it is worth more than nothing',
    solver_status LowCardinality(String) COMMENT 'What the solver says of its answer',
    stopped_by LowCardinality(String) COMMENT 'What ended the search',
    random_state UInt64 COMMENT 'Seed of the search',
    decided_by LowCardinality(String) COMMENT 'Who decided',
    decision_id String COMMENT 'The decision it belongs to, or empty',
    decision_reason String COMMENT 'Why it was decided so',
    moves Array(Tuple(account_id String, from_rep LowCardinality(String), to_rep LowCardinality(String), worth_eur Float64, travel_eur Float64, change_eur Float64, balance_eur Float64, overtime_eur Float64, travel_km Float64, hours Float64, potential_eur Float64, reason String, binding LowCardinality(String), alternative String)) COMMENT 'Moves, one entry an account',
    effects Array(Tuple(rep_id LowCardinality(String), potential_before_eur Float64, potential_after_eur Float64, hours_before Float64, hours_after Float64, accounts_before UInt32, accounts_after UInt32, deviation_before Float64, deviation_after Float64)) COMMENT 'Territories before and after, one entry a rep'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (suggestion_id, revision)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Every change of every suggestion';

CREATE TABLE IF NOT EXISTS assignment_changes
(
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    as_of DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    model_version LowCardinality(String) COMMENT 'Version of the model that spoke',
    config_version LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    change_id String COMMENT 'The change of one account',
    account_id String COMMENT 'The account (customer or prospect)',
    from_rep LowCardinality(String) COMMENT 'Rep before',
    to_rep LowCardinality(String) COMMENT 'Rep after',
    valid_from Date32 COMMENT 'First day on which it holds',
    suggestion_id String COMMENT 'The suggestion it belongs to, or empty',
    decision_id String COMMENT 'The decision it belongs to, or empty',
    kind LowCardinality(String) COMMENT 'move, undo or override'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (change_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Accounts that changed rep by a decision: the outbox for the CRM';

CREATE TABLE IF NOT EXISTS model_quality
(
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    as_of DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    model_version LowCardinality(String) COMMENT 'Version of the model that spoke',
    config_version LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    week Date32 COMMENT 'The closed week, by its first day',
    horizon_weeks UInt16 COMMENT 'Forecast horizon, weeks',
    segment LowCardinality(String) COMMENT 'Segment A, B or C; empty is all accounts',
    n UInt32 COMMENT 'Account weeks in the sums',
    actual_eur Float64 COMMENT 'Sum of what happened, EUR',
    error_eur Float64 COMMENT 'Sum of forecast minus actual, EUR',
    absolute_error_eur Float64 COMMENT 'Sum of absolute errors, EUR',
    naive_absolute_error_eur Float64 COMMENT 'Sum of absolute errors of the naive forecast, EUR',
    intervals UInt32 COMMENT 'Account weeks that had an interval',
    covered UInt32 COMMENT 'Account weeks inside the interval'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (region_id, horizon_weeks, segment, week)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Forecast errors of each closed week, as sums';

CREATE TABLE IF NOT EXISTS dead_letters
(
    dead_letter_id String COMMENT 'The dead letter',
    log_id LowCardinality(String) COMMENT 'The life of the broker the bad record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the bad record',
    partition UInt16 COMMENT 'Kafka partition of the bad record',
    offset UInt64 COMMENT 'Kafka offset of the bad record',
    received_at DateTime64(3, 'UTC') COMMENT 'When it was received (UTC)',
    reason LowCardinality(String) COMMENT 'Reason, one machine word',
    field LowCardinality(String) COMMENT 'The offending field, or empty',
    detail String COMMENT 'What was wrong, for people',
    key String COMMENT 'Record key',
    payload_base64 String COMMENT 'Original bytes, base64, cut when very large; forgotten after 400 days' TTL toDateTime(received_at) + INTERVAL 400 DAY,
    payload_bytes UInt32 COMMENT 'Size of the original, bytes'
)
ENGINE = ReplacingMergeTree
ORDER BY (dead_letter_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Messages that could not be applied, with the reason and the original bytes';
