-- name: Dead letters
-- question: What share of the messages could not be applied?
-- formula: dead letters / (accepted facts + dead letters)
-- grain: source topic, and all topics (empty topic)
-- subject: company
-- owner: operations
-- caveats: Over everything stored, since messages may be refused long after they happened. Repetitions that were dropped are in neither count.
-- column topic: Kafka topic of the source records; empty is all
-- column newest: When the last dead letter was received (UTC)
SELECT
    topic,
    (SELECT as_of FROM watermark) AS as_of,
    sum(dead) AS numerator,
    sum(dead + accepted) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    max(received) AS newest
FROM
(
    SELECT topic, uniqExact(dead_letter_id) AS dead, 0 AS accepted, max(received_at)::Nullable(DateTime64(3, 'UTC')) AS received FROM dead_letters GROUP BY topic
    UNION ALL
    SELECT topic, 0 AS dead, count() AS accepted, NULL AS received
    FROM
    (
        SELECT topic FROM orders UNION ALL SELECT topic FROM visits UNION ALL SELECT topic FROM accounts UNION ALL SELECT topic FROM reps
        UNION ALL SELECT topic FROM assignments UNION ALL SELECT topic FROM market_events
        UNION ALL SELECT topic FROM opportunities UNION ALL SELECT topic FROM targets UNION ALL SELECT topic FROM surveys
        UNION ALL SELECT topic FROM decisions
    )
    GROUP BY topic
)
GROUP BY GROUPING SETS ((topic), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set
