-- name: Overdue visits
-- question: What share of the accounts has waited longer for a visit than its frequency allows?
-- formula: #{i: (t - last visit) / (365 / f_i) > 1} / #{i with f_i > 0}; weighted by potential
-- grain: company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By present owner, plan and activity. An account that was never visited is overdue and has no urgency.
-- column never: Accounts never visited
-- column urgency_sum: Sum of the urgencies of the accounts that were visited; divide by denominator - never
-- column urgency: Mean urgency (t - last visit) / (365 / f_i) of the accounts that were visited
-- column weighted_numerator: Potential of the overdue accounts, EUR
-- column weighted_denominator: Potential of all accounts with a frequency, EUR
-- column weighted_value: Share of the potential that is overdue
SELECT
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(overdue) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(isNull(waiting)) AS never,
    ifNull(sum(waiting), 0) AS urgency_sum,
    avgOrNull(waiting) AS urgency,
    sumIf(potential_eur, overdue) AS weighted_numerator,
    sum(potential_eur) AS weighted_denominator,
    weighted_numerator / nullIf(weighted_denominator, 0) AS weighted_value
FROM
(
    SELECT s.window_days AS window_days, s.region_id AS region_id, s.rep_id AS rep_id, s.potential_eur AS potential_eur,
        if(v.account_id = '', NULL, dateDiff('second', v.last, (SELECT as_of FROM watermark)) / 86400 * s.planned / 365) AS waiting,
        ifNull(waiting > 1, 1) AS overdue
    FROM (SELECT * FROM plan_windows WHERE window_days = 365 AND planned > 0) AS s -- planned of a year is the frequency
    LEFT JOIN (SELECT account_id, max(occurred_at) AS last FROM visits WHERE status = 'done' AND channel = 'visit' GROUP BY account_id) AS v ON s.account_id = v.account_id
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
