-- name: Net promoter score
-- question: Would customers recommend the company?
-- formula: (#{answers of 9 or 10} - #{answers of 0 to 6}) / #{answers of customers}; nps is the same in points, -100 to 100
-- grain: window_days × company, region, territory (as published_scopes allows)
-- subject: conduct
-- owner: sales direction
-- caveats: Every answer counts, also several of one account; one that was corrected counts as it was corrected last. It belongs to the owner
--   of the account on the day of the answer, and to the present region of the account. Who does not answer is not in it. With few
--   answers it jumps: read it beside its denominator.
-- column promoters: Answers of 9 or 10
-- column passives: Answers of 7 or 8
-- column detractors: Answers of 0 to 6
-- column nps: 100 * numerator / denominator, points
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM survey_answers) AS as_of,
    toInt64(promoters) - toInt64(detractors) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(score >= 9) AS promoters, countIf(score IN (7, 8)) AS passives, countIf(score <= 6) AS detractors,
    100 * numerator / nullIf(denominator, 0) AS nps
FROM
(
    SELECT arrayJoin(arrayFilter(w -> occurred_at > as_of - toIntervalDay(w), [30, 90, 365]::Array(UInt16))) AS window_days, region_id, rep_id, score
    FROM survey_answers WHERE of = 'customer'
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
