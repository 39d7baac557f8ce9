-- name: Over-visits
-- question: What share of the visits went beyond the plan of their account?
-- formula: Σ max(v_i - n_i, 0) / Σ v_i
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: A visit too many in a short window may be one too few later; read it over 365 days.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    sum(greatest(made - planned, 0.0)) AS numerator,
    sum(made) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM plan_windows
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
