-- name: Plan kept
-- question: How many of the visits that were planned for the territories were made?
-- formula: Σ visits made / Σ visits planned, over months with a plan; beside it #{moved} and #{cancelled}
-- grain: window_days × company, region, territory
-- made: every 10 minutes
-- subject: conduct
-- owner: area manager
-- caveats: By the monthly plan of the rep, not the frequency of the accounts (Frequency adherence). Moved and
--   cancelled are visit reports with that status, by the day that was planned; a visit moved to a later month counts there once it is made, and
--   one of which no report speaks is in neither. A visit moved and then cancelled is in both. Not capped: more visits
--   than planned at one rep make up for another's. A visit belongs to the owner of the account on that day, whoever made it. Whole calendar
--   months alone, as for Quota attainment. The company and a region are shown as told_scopes has it for reps with a plan.
-- column window_days: 30, 90 or 365: the 1, 3 or 12 whole calendar months that ended last
-- column first_month: First of the months in the sums
-- column last_month: Last of the months in the sums
-- column moved: Visits reported as moved to another day, by the day that was planned
-- column cancelled: Visits reported as cancelled
-- column reps: Reps with a plan
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM target_months) AS as_of,
    sum(visits) AS numerator,
    sum(assumeNotNull(planned)) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sum(moved) AS moved, sum(cancelled) AS cancelled,
    min(month) AS first_month, max(month) AS last_month,
    uniqExact(visited.rep_id) AS reps
FROM
(
    SELECT arrayJoin(arrayFilter(w -> months_back <= if(w = 365, 12, intDiv(w, 30)), [30, 90, 365]::Array(UInt16))) AS window_days, *
    FROM target_months WHERE planned IS NOT NULL
) AS visited
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
    AND (grain = 'territory' OR (window_days, grain, region_id) IN (SELECT window_days, grain, region_id FROM told_scopes WHERE counted = 'plan'))
