-- What was done about dead letters: one row per attempt to send one again. It is written before the message is sent, so
-- that a letter whose sending was interrupted is never sent a second time unasked; later versions say what became of it.

CREATE TABLE IF NOT EXISTS dead_letter_replays
(
    replay_id String COMMENT 'The attempt',
    dead_letter_id String COMMENT 'The dead letter',
    started_at DateTime64(3, 'UTC') COMMENT 'When the attempt began (wall clock)',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this was written (wall clock)',
    outcome LowCardinality(String) COMMENT 'sending (perhaps sent), sent, accepted, repetition or refused',
    detail String COMMENT 'What is to be said of the outcome, for people',
    mended Bool COMMENT 'Whether the message was changed before it was sent',
    event_id String COMMENT 'Id of the event that was sent',
    log_id LowCardinality(String) COMMENT 'The life of the broker it was sent to',
    topic LowCardinality(String) COMMENT 'Kafka topic it was sent to',
    partition Nullable(UInt16) COMMENT 'Kafka partition it came to',
    offset Nullable(UInt64) COMMENT 'Kafka offset it came to'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (dead_letter_id, replay_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Attempts to send dead letters again, and what became of each';
