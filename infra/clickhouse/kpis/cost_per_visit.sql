-- name: Cost per visit
-- question: What does a visit cost?
-- formula: (Σ km·c_km + Σ (travel + onsite) h·c_h) / #visits
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: finance
-- caveats: Unit costs as of today's settings (cost.per_km, cost.per_hour), also for old visits; nights are not reported and cost nothing here.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(travel_km) * (SELECT per_km FROM business)
        + sum(travel_minutes + duration_minutes) / 60 * (SELECT per_hour FROM business) AS numerator,
    sum(visits) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM activity_windows
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
