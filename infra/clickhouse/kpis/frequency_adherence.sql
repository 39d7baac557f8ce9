-- name: Frequency adherence
-- question: How much of the planned visits was made, when visits beyond an account's plan do not count?
-- formula: Σ min(v_i, n_i) / Σ n_i, with n_i = visits a year · window_days / 365
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: Capped per account, or over-visits would hide under-visits. New accounts are measured against a whole window.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    sum(least(made, planned)) AS numerator,
    sum(planned) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM plan_windows
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
