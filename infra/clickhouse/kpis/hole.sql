-- name: Hole
-- question: What share of the potential has no rep?
-- formula: unassigned P / Σ P
-- grain: company, region
-- subject: accounts
-- owner: area manager
-- caveats: Unassigned are active accounts without an owner, or whose owner no longer works.
-- column accounts: Accounts without a rep
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    sumIf(potential_eur, rep_id NOT IN (SELECT rep_id FROM territory_state)) AS numerator,
    sum(potential_eur) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(rep_id NOT IN (SELECT rep_id FROM territory_state)) AS accounts
FROM account_state
WHERE active
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set
