-- name: Whitespace
-- question: What share of the potential is not sold yet?
-- formula: 1 - Σ R_i / Σ P_i over 365 days, each R_i at most P_i
-- grain: company, region, territory
-- subject: conduct
-- owner: sales direction
-- caveats: By present owner of active accounts. P is what the next year should bring, R what the last one brought.
-- column numerator: Potential not sold, EUR
-- column denominator: Potential, EUR
SELECT
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    sum(potential_eur - least(greatest(net_amount, 0.), potential_eur)) AS numerator,
    sum(potential_eur) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM plan_windows
WHERE window_days = 365
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
