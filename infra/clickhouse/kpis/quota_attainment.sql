-- name: Quota attainment
-- question: How much of what was expected of the territories did they sell, and how far apart are the reps?
-- formula: Σ revenue by own(i, order time) / Σ quota, over months with a quota; spread = stddevPop over reps of each one's own Σ revenue / Σ quota
-- grain: window_days × company, region, territory
-- made: every 10 minutes
-- subject: conduct
-- owner: sales direction
-- caveats: Whole calendar months alone: the windows of 30, 90 and 365 days stand for the 1, 3 and 12 months that ended last before
--   the watermark, because a quota is for a month and a part of a month says little. A month counts for a rep who has a quota for it; what
--   others sold is in neither sum. A quota does not move with an account, so after moves read reps beside their region. Present region
--   of the rep. The company and a region are shown as told_scopes has it for reps
--   with a quota above zero.
-- column window_days: 30, 90 or 365: the 1, 3 or 12 whole calendar months that ended last
-- column first_month: First of the months in the sums
-- column last_month: Last of the months in the sums
-- column reps: Reps with a quota above zero
-- column spread: Standard deviation of attainment over these reps, as a share: 0.1 is ten points; null for a territory
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM target_months) AS as_of,
    sum(net) AS numerator,
    sum(expected) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    min(first) AS first_month, max(last) AS last_month,
    countIf(expected > 0) AS reps,
    if(grain = 'territory' OR reps = 0, NULL, stddevPopIf(net / expected, expected > 0))::Nullable(Float64) AS spread
FROM
(
    SELECT
        arrayJoin(arrayFilter(w -> months_back <= if(w = 365, 12, intDiv(w, 30)), [30, 90, 365]::Array(UInt16))) AS window_days,
        region_id, rep_id, sum(sold) AS net, sum(assumeNotNull(quota)) AS expected, min(month) AS first, max(month) AS last
    FROM target_months WHERE quota IS NOT NULL
    GROUP BY window_days, region_id, rep_id
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
    AND (grain = 'territory' OR (window_days, grain, region_id) IN (SELECT window_days, grain, region_id FROM told_scopes WHERE counted = 'quota'))
