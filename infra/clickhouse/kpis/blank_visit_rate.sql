-- name: Blank-visit rate
-- question: What share of the visits brought nothing?
-- formula: #{done, no order, action or reading} / #{done}
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: Nothing means no outcome in the report and no order of the account on the day of the visit (UTC). Where outcomes are not reported, only the order speaks.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(blank_visits) AS numerator,
    sum(visits) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM activity_windows
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
