-- name: Alert quality
-- question: How many of the alerts that people judged were useful, and how late did they come?
-- formula: useful / (useful + false); false alarms per territory and month; median days from the change to its detection; median hours to acknowledge
-- grain: window_days × company, region
-- subject: advice
-- owner: operations
-- caveats: By the day of detection. Judged are alerts marked useful or false; expected ones are neither. The start of the change is estimated by the detector.
-- column false_alarms: Alerts marked false
-- column false_per_territory_month: False alarms per active territory and 30 days
-- column median_delay_days: Median days from started_on to detected_on
-- column median_hours_to_acknowledge: Median hours from firing to the acknowledgement
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(verdict = 'useful') AS numerator,
    countIf(verdict IN ('useful', 'false')) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(verdict = 'false') AS false_alarms,
    false_alarms / nullIf(if(grain = 'company', (SELECT count() FROM territory_state), any(territories)) * window_days / 30, 0) AS false_per_territory_month,
    quantileExactInclusiveOrNull(0.5)(delay) AS median_delay_days,
    quantileExactInclusiveOrNullIf(0.5)(lag, isNotNull(lag)) AS median_hours_to_acknowledge
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, a.verdict AS verdict, dateDiff('day', a.started_on, a.detected_on) AS delay,
        dateDiff('second', toDateTime64(a.detected_on, 3, 'UTC'), a.acknowledged_at) / 3600 AS lag, t.territories AS territories
    FROM (SELECT toString(region_id) AS region_id, verdict, started_on, detected_on, acknowledged_at, state FROM alerts_now WHERE state != 'pending' AND state != 'normal') AS a
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    LEFT JOIN (SELECT region_id, count() AS territories FROM territory_state GROUP BY region_id) AS t ON a.region_id = t.region_id
    WHERE a.detected_on > toDate32(w.starts_after) AND a.detected_on <= toDate32(w.ends)
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
