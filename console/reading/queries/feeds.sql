-- Each input with its newest event, its age against the watermark, its own rhythm, when the sink last wrote some of it, and what was refused.
-- The ledger of the sink forgets after 100 days: arrived is null from then on.
SELECT
    f.topic AS topic, f.accepted AS accepted, f.newest AS newest,
    if(f.accepted = 0, NULL, dateDiff('hour', f.newest, (SELECT as_of FROM watermark)))::Nullable(Int64) AS hours_behind,
    p.longest_pause_hours AS longest_pause_hours, a.arrived AS arrived, d.refused AS refused
FROM
(
    SELECT 'orders' AS topic, count() AS accepted, max(occurred_at) AS newest FROM orders
    UNION ALL SELECT 'visit-reports' AS topic, count() AS accepted, max(occurred_at) AS newest FROM visits
    UNION ALL SELECT 'accounts' AS topic, count() AS accepted, max(occurred_at) AS newest FROM accounts
    UNION ALL SELECT 'reps' AS topic, count() AS accepted, max(occurred_at) AS newest FROM reps
    UNION ALL SELECT 'assignments' AS topic, count() AS accepted, max(occurred_at) AS newest FROM assignments
    UNION ALL SELECT 'market-events' AS topic, count() AS accepted, max(occurred_at) AS newest FROM market_events
    UNION ALL SELECT 'opportunities' AS topic, count() AS accepted, max(occurred_at) AS newest FROM opportunities
    UNION ALL SELECT 'targets' AS topic, count() AS accepted, max(occurred_at) AS newest FROM targets
    UNION ALL SELECT 'surveys' AS topic, count() AS accepted, max(occurred_at) AS newest FROM surveys
    UNION ALL SELECT 'decisions' AS topic, count() AS accepted, max(occurred_at) AS newest FROM decisions
) AS f
LEFT JOIN
(
    -- the first of the differences is the first moment itself
    SELECT topic, intDiv(arrayMax(arrayPopFront(arrayDifference(arraySort(hours)))), 3600)::Nullable(Int64) AS longest_pause_hours
    FROM
    (
        SELECT 'orders' AS topic, groupUniqArray(toUnixTimestamp(toStartOfHour(occurred_at))) AS hours FROM orders
        WHERE occurred_at > (SELECT newest_order FROM watermark) - toIntervalDay(90)
        UNION ALL
        SELECT 'visit-reports' AS topic, groupUniqArray(toUnixTimestamp(toStartOfHour(occurred_at))) AS hours FROM visits
        WHERE occurred_at > (SELECT newest_visit FROM watermark) - toIntervalDay(90)
    )
    WHERE length(hours) > 1
) AS p ON f.topic = p.topic
LEFT JOIN
(
    SELECT splitByChar('/', source)[2] AS topic, max(written_at)::Nullable(DateTime64(3, 'UTC')) AS arrived
    FROM sink_batches ARRAY JOIN mapKeys(marks) AS source
    WHERE marks[source] != marks_before[source]
    GROUP BY topic
) AS a ON f.topic = a.topic
LEFT JOIN
(
    SELECT topic, uniqExact(dead_letter_id) AS refused FROM dead_letters GROUP BY topic
) AS d ON f.topic = d.topic
