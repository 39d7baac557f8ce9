-- name: Prospects won
-- question: What share of the prospects becomes a customer within 180 days?
-- formula: #{prospects with a first order within 180 days} / #{prospects of cohorts aged >= 180 days}
-- grain: window_days × company, region
-- subject: conduct
-- owner: sales direction
-- made: every 10 minutes
-- caveats: A prospect is an account whose first event says so; its cohort is the day of that event. The window ends 180 days before the watermark.
--   Not told by territory: prospects change hands while they ripen, and what one rep won would be told of single persons; of deals, Opportunities
--   won and lost tells the territories. Region of the account now.
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(won) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, s.region_id AS region_id, o.account_id != '' AND o.first >= p.began AND o.first <= p.began + toIntervalDay(180) AS won
    FROM
    (
        SELECT account_id, min(occurred_at) AS began FROM accounts GROUP BY account_id HAVING argMin(kind, occurred_at) = 'prospect'
    ) AS p
    CROSS JOIN (SELECT window_days, starts_after - toIntervalDay(180) AS begins, as_of - toIntervalDay(180) AS ends FROM kpi_windows) AS w
    LEFT JOIN (SELECT account_id, min(occurred_at) AS first FROM orders WHERE status = 'placed' GROUP BY account_id) AS o ON p.account_id = o.account_id
    LEFT JOIN account_state AS s ON p.account_id = s.account_id
    WHERE p.began > w.begins AND p.began <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
