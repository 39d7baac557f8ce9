-- name: Change budget used
-- question: How much of the change a region may bear in 90 days is used?
-- formula: potential that moved in the last 90 days / (change.budget_share_90_days · Σ P)
-- grain: company, region
-- subject: accounts
-- owner: sales operations
-- caveats: Potential of today; an account that moved twice counts once. All moves count, whoever decided them.
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM relation_windows) AS as_of,
    sumIf(potential_eur, moves > 0) AS numerator,
    sum(potential_eur) * (SELECT move_budget FROM business) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM relation_windows
WHERE window_days = 90
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set
