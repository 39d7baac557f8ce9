-- name: Under-visited accounts
-- question: What share of the active accounts got clearly fewer visits than planned?
-- formula: #{v_i + 0.5 < n_i} / #{active i}; half a visit forgives rounding
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: In a short window accounts with a low frequency can never count as under-visited.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    countIf(made + 0.5 < planned) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM plan_windows
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
