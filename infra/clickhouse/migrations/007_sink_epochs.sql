-- Who writes a partition: a sink that takes one over begins a new epoch. Before each insert a sink records the range, then
-- looks whether its epoch is still the newest; whoever takes over first begins its epoch, then reads the ranges. So either
-- the old sink sees the new epoch and stops, or the new sink sees the old one's last range and repeats it as it was.

CREATE TABLE IF NOT EXISTS sink_epochs
(
    log_id LowCardinality(String) COMMENT 'The life of the broker',
    topic LowCardinality(String) COMMENT 'Kafka topic the sink reads',
    partition UInt16 COMMENT 'Kafka partition the sink reads',
    epoch UInt64 COMMENT 'Rises with every sink that takes the partition; the lower 32 bits are random, so no two are equal',
    began_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was taken (wall clock)'
)
ENGINE = ReplacingMergeTree(epoch)
ORDER BY (log_id, topic, partition)
COMMENT 'Which sink may write which partition: the one with the newest epoch';

ALTER TABLE sink_batches
    ADD COLUMN IF NOT EXISTS epoch UInt64 COMMENT 'Epoch of the sink that recorded the range; 0 before there were epochs',
    ADD COLUMN IF NOT EXISTS marks_before Map(String, UInt64) COMMENT 'As marks, before this range; empty in rows of epoch 0',
    MODIFY ORDER BY (log_id, topic, partition, from_offset, epoch);
