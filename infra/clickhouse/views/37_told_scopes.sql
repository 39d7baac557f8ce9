-- about: Which sums of conduct are published, by the reps counted in them: of the company and of no region with fewer than k_anonymity of
--   those, unless the settings allow figures of single reps, and of so few regions that the company less these tells of k_anonymity of them too
-- column counted: rep: all reps; plan, quota or answer: those with a plan of visits, with a quota above zero, and who answered a survey
-- column window_days: 30, 90 or 365, as the KPI of what is counted has it; 0 for all reps, who are those of today
WITH
    (SELECT k_anonymity FROM business) AS k,
    (SELECT individual_kpis FROM business) AS of_single_reps,
    (SELECT toDate32(as_of) FROM watermark) AS today,
    [30, 90, 365]::Array(UInt16) AS windows,
    met AS
    (
        -- those who left within the longest window are still told of: a region of leavers alone is a small one
        SELECT 'rep' AS counted, 0::UInt16 AS window_days, region_id, toString(rep_id) AS rep_id, active AS counts
        FROM reps_now WHERE ifNull(active_from <= today, 1) AND ifNull(active_to >= today - 365, 1)
        UNION ALL
        SELECT 'plan' AS counted, arrayJoin(arrayFilter(w -> months_back <= if(w = 365, 12, intDiv(w, 30)), windows)) AS window_days, region_id, rep_id, true AS counts
        FROM target_months WHERE planned IS NOT NULL
        UNION ALL
        SELECT 'quota' AS counted, arrayJoin(arrayFilter(w -> months_back <= if(w = 365, 12, intDiv(w, 30)), windows)) AS window_days, region_id, rep_id, assumeNotNull(quota) > 0 AS counts
        FROM target_months WHERE quota IS NOT NULL
        UNION ALL
        SELECT 'answer' AS counted, arrayJoin(arrayFilter(w -> occurred_at > as_of - toIntervalDay(w), windows)) AS window_days, region_id, rep_id, true AS counts
        FROM survey_answers WHERE of = 'rep'
    ),
    regions AS
    (
        SELECT counted, window_days, toString(region_id) AS region_id, uniqExactIf(rep_id, counts) AS reps FROM met GROUP BY counted, window_days, region_id
    )
SELECT counted, window_days, 'company' AS grain, '' AS region_id
FROM regions
GROUP BY counted, window_days
HAVING of_single_reps OR sum(reps) >= k
UNION ALL
-- where nobody has told of any rep, no figure speaks of one
SELECT 'rep' AS counted, 0::UInt16 AS window_days, 'company' AS grain, '' AS region_id
WHERE (SELECT count() FROM regions WHERE counted = 'rep') = 0
UNION ALL
-- the company less the regions shown is what is hidden: if that is something, it must be of k reps too, so the smallest region
-- that could be shown is hidden with those that may not be, where these have too few together
SELECT counted, window_days, 'region' AS grain, region_id
FROM
(
    SELECT *,
        min(reps) OVER (PARTITION BY counted, window_days) AS fewest,
        sum(reps) OVER (PARTITION BY counted, window_days ORDER BY reps, region_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS in_smaller_ones
    FROM regions
)
WHERE of_single_reps OR (reps >= k AND (fewest >= k OR in_smaller_ones >= k))
