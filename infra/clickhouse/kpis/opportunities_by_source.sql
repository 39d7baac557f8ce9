-- name: Opportunities by source
-- question: Where do opportunities come from, and which source brings won ones?
-- formula: opportunities opened in the window by source; of these won and lost by now
-- grain: window_days × company, region × source
-- made: every 10 minutes
-- subject: conduct
-- owner: marketing
-- caveats: Region of the account now. Source as its first event says; empty is unknown.
-- column source: Where the opportunity came from
-- column created: Opportunities opened in the window
-- column numerator: Of these, won by now
-- column denominator: Of these, won or lost by now
-- column value: Won of the decided ones; null while none is decided
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, source,
    (SELECT as_of FROM watermark) AS as_of,
    count() AS created,
    countIf(wins > 0) AS numerator,
    countIf(decisions > 0) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, toString(d.source) AS source, d.wins AS wins, d.decisions AS decisions
    FROM
    (
    SELECT opportunity_id, any(account_id) AS account_id, argMin(source, occurred_at) AS source,
        minIf(occurred_at, stage = 'lead') AS lead_at, minIf(occurred_at, stage = 'open') AS open_at,
        minIf(occurred_at, stage IN ('won', 'lost')) AS decided_at, countIf(stage = 'lead') AS leads, countIf(stage = 'open') AS opens,
        countIf(stage = 'won') AS wins, countIf(stage IN ('won', 'lost')) AS decisions, min(occurred_at) AS began_at
    FROM opportunities GROUP BY opportunity_id
        HAVING opens > 0
    ) AS d
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    LEFT JOIN account_state AS a ON d.account_id = a.account_id
    WHERE d.open_at > w.starts_after AND d.open_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id, source), (window_days, source))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
