-- name: Visits per won deal
-- question: How many visits does a won deal take in each segment?
-- formula: meetings_k / won deals_k
-- grain: window_days × company, region × segment
-- subject: conduct
-- owner: area manager
-- caveats: Visits and deals of the same window, not of the same account. Present segment and region of the account.
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, segment,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(meetings) AS numerator,
    sum(wins) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT a.window_days AS window_days, s.region_id AS region_id, toString(s.segment) AS segment, a.visits AS meetings, 0 AS wins
    FROM activity_windows AS a INNER JOIN account_state AS s ON a.account_id = s.account_id WHERE a.visits > 0
    UNION ALL
    SELECT w.window_days AS window_days, s.region_id AS region_id, toString(s.segment) AS segment, 0 AS meetings, 1 AS wins
    FROM (SELECT opportunity_id, any(account_id) AS account_id, min(occurred_at) AS won_at FROM opportunities WHERE stage = 'won' GROUP BY opportunity_id) AS d
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    INNER JOIN account_state AS s ON d.account_id = s.account_id
    WHERE d.won_at > w.starts_after AND d.won_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id, segment), (window_days, segment))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
