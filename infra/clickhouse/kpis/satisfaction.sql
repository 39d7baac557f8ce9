-- name: Satisfaction of reps
-- question: How content are the reps with their work?
-- formula: Σ score / #{answers of reps}, 1 to 10
-- grain: window_days × company, region, territory (as published_scopes allows)
-- subject: conduct
-- owner: human resources
-- caveats: Every answer counts, also several of one rep; one that was corrected counts as it was corrected last. Present region of the rep. The
--   company and a region are shown as told_scopes has it for reps who answered, a single rep never unless the settings publish KPIs per
--   rep: tell reps so before they answer.
-- column reps: Reps who answered
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM survey_answers) AS as_of,
    sum(score) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    uniqExact(answered.rep_id) AS reps
FROM
(
    SELECT arrayJoin(arrayFilter(w -> occurred_at > as_of - toIntervalDay(w), [30, 90, 365]::Array(UInt16))) AS window_days, region_id, rep_id, score
    FROM survey_answers WHERE of = 'rep'
) AS answered
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
    AND (grain = 'territory' OR (window_days, grain, region_id) IN (SELECT window_days, grain, region_id FROM told_scopes WHERE counted = 'answer'))
