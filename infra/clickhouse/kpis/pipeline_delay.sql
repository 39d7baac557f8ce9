-- name: Pipeline delay
-- question: How long after it happened could a fact be asked for here?
-- formula: quantiles of (moment its range was written - occurred_at), by day of occurred_at and feed
-- grain: day × source topic, and all topics (empty topic)
-- subject: company
-- owner: operations
-- made: every 10 minutes
-- caveats: From the event itself: holds what the sender waited, such as a phone without a network, and a replayed history shows how old it is. The ranges
--   are those of the ledger of the sink, which forgets after 100 days. Facts from the 35 days before the watermark on; master data
--   often says when something began to hold, and not when somebody entered it.
-- column topic: Kafka topic of the source records; empty is all
-- column day: Day on which it happened (UTC)
-- column facts: Facts of that day with a known range
-- column p50_seconds: Half of them came faster, seconds
-- column p95_seconds: 95 of 100 came faster, seconds
-- column p99_seconds: 99 of 100 came faster, seconds
WITH
    ranges AS
    (
        SELECT toString(log_id) AS log_id, splitByChar('/', source)[1] AS name, splitByChar('/', source)[2] AS topic,
            toUInt16(splitByChar('/', source)[3]) AS partition, marks_before[source] AS first, marks[source] AS next, written_at
        FROM sink_batches FINAL ARRAY JOIN mapKeys(marks) AS source
        WHERE next > first
    ),
    happened AS
    (
        SELECT 'orders' AS name, toString(log_id) AS log_id, toString(topic) AS topic, partition, offset, occurred_at FROM orders FINAL
        UNION ALL SELECT 'visits', toString(log_id), toString(topic), partition, offset, occurred_at FROM visits FINAL
        UNION ALL SELECT 'opportunities', toString(log_id), toString(topic), partition, offset, occurred_at FROM opportunities FINAL
        UNION ALL SELECT 'market_events', toString(log_id), toString(topic), partition, offset, occurred_at FROM market_events FINAL
        UNION ALL SELECT 'accounts', toString(log_id), toString(topic), partition, offset, occurred_at FROM accounts FINAL
        UNION ALL SELECT 'reps', toString(log_id), toString(topic), partition, offset, occurred_at FROM reps FINAL
        UNION ALL SELECT 'assignments', toString(log_id), toString(topic), partition, offset, occurred_at FROM assignments FINAL
        UNION ALL SELECT 'targets', toString(log_id), toString(topic), partition, offset, occurred_at FROM targets FINAL
        UNION ALL SELECT 'surveys', toString(log_id), toString(topic), partition, offset, occurred_at FROM surveys FINAL
        UNION ALL SELECT 'decisions', toString(log_id), toString(topic), partition, offset, occurred_at FROM decisions FINAL
    )
SELECT
    toDate32(occurred_at) AS day, topic,
    (SELECT as_of FROM watermark) AS as_of,
    count() AS facts,
    quantileExactInclusive(0.5)(seconds) AS p50_seconds,
    quantileExactInclusive(0.95)(seconds) AS p95_seconds,
    quantileExactInclusive(0.99)(seconds) AS p99_seconds
FROM
(
    SELECT h.topic AS topic, h.occurred_at AS occurred_at, dateDiff('millisecond', h.occurred_at, r.written_at) / 1000 AS seconds
    FROM (SELECT * FROM happened WHERE occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(35)) AS h
    ASOF INNER JOIN ranges AS r
        ON h.log_id = r.log_id AND h.name = r.name AND h.topic = r.topic AND h.partition = r.partition AND h.offset >= r.first
    WHERE h.offset < r.next
)
GROUP BY GROUPING SETS ((day, topic), (day))
