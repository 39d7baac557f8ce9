-- Accounts, reps and who owned what, as of each event; personal names are apart.

CREATE TABLE IF NOT EXISTS accounts
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    account_id String COMMENT 'The account (customer or prospect)',
    name String COMMENT 'Always empty here: names live in `names`',
    kind LowCardinality(String) DEFAULT 'customer' COMMENT 'customer or prospect',
    segment LowCardinality(Nullable(String)) COMMENT 'Segment A, B or C as the company says; null leaves it to the model',
    status LowCardinality(String) DEFAULT 'active' COMMENT 'active or closed',
    lat Nullable(Float64) COMMENT 'Latitude, degrees',
    lon Nullable(Float64) COMMENT 'Longitude, degrees',
    postal_code LowCardinality(String) COMMENT 'Postal code',
    city LowCardinality(String) COMMENT 'Town',
    region_id LowCardinality(Nullable(String)) COMMENT 'The region; null is the base region',
    family_id String COMMENT 'The group of accounts it belongs to',
    visit_minutes Nullable(Float64) COMMENT 'Planned duration of a visit, minutes',
    visits_per_year Nullable(Float64) COMMENT 'Target frequency, visits a year',
    since Nullable(Date32) COMMENT 'Customer since',
    skills Array(LowCardinality(String)) COMMENT 'Skills a rep needs here'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Accounts as of each event; the latest is the present one';

CREATE TABLE IF NOT EXISTS reps
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    rep_id LowCardinality(String) COMMENT 'The rep',
    name String COMMENT 'Always empty here: names live in `names`',
    home_lat Nullable(Float64) COMMENT 'Latitude of the home of the rep, degrees',
    home_lon Nullable(Float64) COMMENT 'Longitude of the home of the rep, degrees',
    weekly_hours Float64 DEFAULT 35 COMMENT 'Capacity, hours a week',
    region_id LowCardinality(Nullable(String)) COMMENT 'The region; null is the base region',
    manager_id LowCardinality(String) COMMENT 'The manager of the rep',
    active_from Nullable(Date32) COMMENT 'First day of work',
    active_to Nullable(Date32) COMMENT 'Last day of work, included; null is open',
    skills Array(LowCardinality(String)) COMMENT 'Skills of the rep'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (rep_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Reps as of each event; the latest is the present one';

CREATE TABLE IF NOT EXISTS assignments
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    account_id String COMMENT 'The account (customer or prospect)',
    rep_id LowCardinality(Nullable(String)) COMMENT 'The rep; null leaves the account without one',
    valid_from Date32 COMMENT 'First day on which it holds',
    source LowCardinality(String) DEFAULT 'import' COMMENT 'import, design, decision or crm',
    suggestion_id String COMMENT 'The suggestion it belongs to, or empty',
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Which rep an account was given to, from when';

CREATE TABLE IF NOT EXISTS names
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    kind LowCardinality(String) COMMENT 'account or rep',
    id String COMMENT 'account_id or rep_id, as `kind` says',
    name String COMMENT 'The name: personal data',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, id, occurred_at, log_id, topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Names of accounts and reps, kept here alone so that they can be shown to few and erased';
