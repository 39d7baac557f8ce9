-- How content customers and reps are. Every accepted event stays; the view survey_answers has the one that holds.

CREATE TABLE IF NOT EXISTS surveys
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When the answer was given, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    survey_id String COMMENT 'The answer in the system of the company',
    account_id Nullable(String) COMMENT 'The customer who answered; null for the answer of a rep',
    rep_id LowCardinality(Nullable(String)) COMMENT 'The rep who answered; null for the answer of a customer',
    score UInt16 COMMENT '0 to 10 of a customer, 1 to 10 of a rep'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (survey_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Answers of customers and reps to surveys; the latest of a survey_id is the present one';
