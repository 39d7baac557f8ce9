-- name: Effort share by segment
-- question: Does the time go to A, B and C accounts as planned?
-- formula: m_k / Σ m; gap = ½ Σ |m_k / Σ m - τ_k|, 0 is on plan
-- grain: window_days × company, region, territory × segment
-- subject: conduct
-- owner: area manager
-- caveats: By the owner on the day of the visit, and as-is by the present one. m is time on site and travel. Present segment of the account. τ from the settings (segments.effort_share). gap is the same on the three rows of a group.
-- column target: Planned share of the segment
-- column excess: value - target: above zero the segment gets more than planned, below less
-- column gap: Half the sum of the absolute deviations of the three segments
-- column numerator_as_is: Hours with the segment's accounts that the present owner has
-- column denominator_as_is: Hours with all accounts the present owner has
-- column value_as_is: numerator_as_is / denominator_as_is
WITH effort AS
(
    SELECT
        v.window_days AS window_days,
        multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain,
        v.region_id AS region_id, v.rep_id AS rep_id,
        sumMapIf(map(toString(p.segment), v.duration_minutes + v.travel_minutes), v.side = 'as_was') AS minutes,
        sumMapIf(map(toString(p.segment), v.duration_minutes + v.travel_minutes), v.side = 'as_is') AS minutes_as_is
    FROM activity_sides AS v INNER JOIN account_state AS p ON v.account_id = p.account_id
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
    value - target AS excess,
    if(
        denominator = 0, NULL,
        arraySum(k -> abs(minutes[k] / 60 / denominator - ifNull((SELECT effort_share FROM business)[k], 0)), ['A', 'B', 'C']) / 2
    ) AS gap,
    minutes_as_is[segment] / 60 AS numerator_as_is,
    arraySum(mapValues(minutes_as_is)) / 60 AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM effort ARRAY JOIN ['A', 'B', 'C'] AS segment
