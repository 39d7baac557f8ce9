-- name: Blank-visit rate
-- question: What share of the visits brought nothing?
-- formula: #{done, no order, action or reading} / #{done}
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By the owner on the day of the visit, and as-is by the present one. Nothing means no outcome in the report and no order of the account on the day of the visit (UTC). Where outcomes are not reported, only the order speaks.
-- column numerator_as_is: Blank visits to the accounts the present owner has
-- column denominator_as_is: All visits to them
-- column value_as_is: numerator_as_is / denominator_as_is
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(blank_visits, side = 'as_was') AS numerator,
    sumIf(visits, side = 'as_was') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(blank_visits, side = 'as_is') AS numerator_as_is,
    sumIf(visits, side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM activity_sides
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
