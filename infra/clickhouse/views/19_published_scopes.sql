-- about: Of whom figures of conduct (visits, travel, time, sales) are published: never of a single rep unless the settings
--   allow it, never of a region with fewer reps than k_anonymity
SELECT 'company' AS grain, '' AS region_id, '' AS rep_id
UNION ALL
SELECT 'region' AS grain, region_id, '' AS rep_id
FROM (SELECT region_id, countIf(active) AS reps FROM reps_now GROUP BY region_id)
WHERE reps >= (SELECT k_anonymity FROM business) OR (SELECT individual_kpis FROM business)
UNION ALL
SELECT 'territory' AS grain, region_id, toString(rep_id) AS rep_id
FROM reps_now
WHERE (SELECT individual_kpis FROM business)
