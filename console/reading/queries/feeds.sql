-- Each input with its newest event, its age against the watermark, and what was refused of it.
SELECT
    f.topic AS topic, f.accepted AS accepted, f.newest AS newest,
    if(f.accepted = 0, NULL, dateDiff('hour', f.newest, (SELECT as_of FROM watermark)))::Nullable(Int64) AS hours_behind,
    d.refused AS refused
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
    SELECT topic, uniqExact(dead_letter_id) AS refused FROM dead_letters GROUP BY topic
) AS d ON f.topic = d.topic
