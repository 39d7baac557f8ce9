-- What the sink is about to write, recorded before it writes. After a crash only the newest range of a partition can be
-- half-written: it is written again, row for row, under the same token. `marks` says how far each source had come once
-- the range was written, so that a repetition of facts in Kafka is left out even then.

CREATE TABLE IF NOT EXISTS sink_batches
(
    log_id LowCardinality(String) COMMENT 'The life of the broker',
    topic LowCardinality(String) COMMENT 'Kafka topic the sink reads',
    partition UInt16 COMMENT 'Kafka partition the sink reads',
    from_offset UInt64 COMMENT 'First offset of the range',
    to_offset UInt64 COMMENT 'First offset after the range',
    marks Map(String, UInt64) COMMENT 'table/topic/partition of a source -> first source offset not yet written, after this range',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the range was recorded (wall clock)'
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (log_id, topic, partition, from_offset)
TTL toDateTime(written_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Ledger of the sink: offset ranges written, newest last';
