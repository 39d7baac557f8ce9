-- name: Lead to opportunity
-- question: What share of the leads becomes an opportunity within 90 days, and after how long?
-- formula: #{leads with an opportunity opened within 90 days} / #{leads of cohorts aged >= 90 days}
-- grain: window_days × company, region
-- made: every 10 minutes
-- subject: conduct
-- owner: marketing
-- caveats: The window ends 90 days before the watermark, since young cohorts always look bad. A lead is an opportunity with an event of stage lead.
-- column median_days: Median days from lead to opportunity, of those converted
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(converted) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    quantileExactInclusiveOrNullIf(0.5)(days, converted) AS median_days
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, dateDiff('second', d.lead_at, d.open_at) / 86400 AS days,
        d.opens > 0 AND d.open_at >= d.lead_at AND d.open_at <= d.lead_at + toIntervalDay(90) AS converted
    FROM
    (
    SELECT opportunity_id, any(account_id) AS account_id, argMin(source, occurred_at) AS source,
        minIf(occurred_at, stage = 'lead') AS lead_at, minIf(occurred_at, stage = 'open') AS open_at,
        minIf(occurred_at, stage IN ('won', 'lost')) AS decided_at, countIf(stage = 'lead') AS leads, countIf(stage = 'open') AS opens,
        countIf(stage = 'won') AS wins, countIf(stage IN ('won', 'lost')) AS decisions, min(occurred_at) AS began_at
    FROM opportunities GROUP BY opportunity_id
        HAVING leads > 0
    ) AS d
    CROSS JOIN (SELECT window_days, starts_after - toIntervalDay(90) AS begins, as_of - toIntervalDay(90) AS ends FROM kpi_windows) AS w
    LEFT JOIN account_state AS a ON d.account_id = a.account_id
    WHERE d.lead_at > w.begins AND d.lead_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
