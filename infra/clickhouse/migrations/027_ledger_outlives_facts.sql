-- Kafka keeps facts for 90 days: a sink that was away for longer than the ledger remembers could write the range it was
-- in the middle of twice. The ledger now forgets after all facts of the range have gone.

ALTER TABLE sink_batches MODIFY TTL toDateTime(written_at) + INTERVAL 100 DAY;
