-- name: Effort share by segment
-- question: Does the time go to A, B and C accounts as planned?
-- formula: m_k / Σ m; gap = ½ Σ |m_k / Σ m - τ_k|, 0 is on plan
-- grain: window_days × company, region, territory × segment
-- subject: conduct
-- owner: area manager
-- caveats: m is time on site and travel. Present segment of the account. τ from the settings (segments.effort_share). gap is the same on the three rows of a group.
-- column target: Planned share of the segment
-- column gap: Half the sum of the absolute deviations of the three segments
WITH effort AS
(
    SELECT
        v.window_days AS window_days,
        multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain,
        v.region_id AS region_id, v.rep_id AS rep_id,
        sumMap(map(toString(p.segment), v.duration_minutes + v.travel_minutes)) AS minutes
    FROM activity_windows AS v INNER JOIN account_state AS p ON v.account_id = p.account_id
    WHERE v.visits > 0
    GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
    HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
)
SELECT
    window_days, grain, region_id, rep_id, segment,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    minutes[segment] / 60 AS numerator,
    arraySum(mapValues(minutes)) / 60 AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    (SELECT effort_share FROM business)[segment] AS target,
    if(
        denominator = 0, NULL,
        arraySum(k -> abs(minutes[k] / 60 / denominator - ifNull((SELECT effort_share FROM business)[k], 0)), ['A', 'B', 'C']) / 2
    ) AS gap
FROM effort ARRAY JOIN ['A', 'B', 'C'] AS segment
