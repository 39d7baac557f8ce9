-- name: Response rate
-- question: After how many visits does the account order, or start a deal?
-- formula: #{visits, an order or a deal opened within 30 days} / #{visits older than 30 days}
-- grain: window_days × company, region
-- subject: conduct
-- owner: sales direction
-- made: every 10 minutes
-- caveats: The window ends 30 days before the watermark, or visits too young to be answered would count as unanswered. An order or deal of the day of the visit answers it.
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(answered) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, v.region_id AS region_id, a.account_id != '' AND a.day <= v.day + 30 AS answered
    FROM
    (
        SELECT account_id, toString(region_id) AS region_id, toDate32(occurred_at) AS day, occurred_at FROM visits FINAL
        WHERE status = 'done' AND channel = 'visit' AND occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(395) ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    ) AS v
    ASOF LEFT JOIN
    (
        SELECT account_id, toDate32(occurred_at) AS day FROM orders
        WHERE status = 'placed' AND occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(396) GROUP BY account_id, day
        UNION DISTINCT
        SELECT account_id, toDate32(occurred_at) AS day FROM opportunities WHERE stage = 'open' GROUP BY account_id, day
    ) AS a ON v.account_id = a.account_id AND v.day <= a.day
    CROSS JOIN (SELECT window_days, starts_after - toIntervalDay(30) AS begins, as_of - toIntervalDay(30) AS ends FROM kpi_windows) AS w
    WHERE v.occurred_at > w.begins AND v.occurred_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
