-- about: What was said of each rep when (as-was): one row per stretch of days between two of the events. When somebody works is told
--   by reps_now: what was heard last says it of the past too
-- column region_id: The region then
-- column weekly_hours: Capacity then, hours a week
-- column seniority: Productivity then against a rep of full experience
-- column valid_from: First day of the stretch; what was heard first holds from 1900-01-01 on, since nothing else is known of the days before
-- column valid_to: First day after the stretch; 2299-12-31 while it lasts
SELECT
    rep_id, region_id, weekly_hours, seniority,
    if(row_number() OVER (PARTITION BY rep_id ORDER BY day) = 1, toDate32('1900-01-01'), day) AS valid_from,
    leadInFrame(day, 1, toDate32('2299-12-31')) OVER (PARTITION BY rep_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS valid_to
FROM
(
    SELECT
        rep_id, toDate32(occurred_at) AS day, ifNull(toString(region_id), assumeNotNull((SELECT base_region FROM business))) AS region_id,
        weekly_hours, seniority
    FROM reps FINAL
    ORDER BY rep_id, occurred_at DESC, offset DESC
    LIMIT 1 BY rep_id, day
)
