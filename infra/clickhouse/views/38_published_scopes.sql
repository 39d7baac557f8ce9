-- about: Of whom figures of conduct (visits, travel, time, sales) are published: of the company and the regions as told_scopes has it for
--   all reps, and never of a single rep unless the settings allow it
SELECT grain, region_id, '' AS rep_id
FROM told_scopes
WHERE counted = 'rep'
UNION ALL
SELECT 'territory' AS grain, region_id, toString(rep_id) AS rep_id
FROM reps_now
WHERE (SELECT individual_kpis FROM business)
