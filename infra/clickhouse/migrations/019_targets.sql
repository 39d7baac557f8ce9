-- What is expected of a rep's territory in a month. Every accepted event stays; the view targets_now has the one that holds.

CREATE TABLE IF NOT EXISTS targets
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it was set, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    rep_id LowCardinality(String) COMMENT 'The rep whose territory it is expected of',
    month Date32 COMMENT 'First day of the calendar month',
    revenue Nullable(Decimal(18, 2)) COMMENT 'Revenue expected in the currency of the company; null expects none in particular',
    visits Nullable(Float64) COMMENT 'Visits planned; null plans none in particular'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (rep_id, month, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What is expected of territories by month, as of each event; the latest is the present one';
