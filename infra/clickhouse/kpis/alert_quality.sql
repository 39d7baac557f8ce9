-- name: Alert quality
-- question: How many of the alerts that people judged were useful, and how late did they come?
-- formula: useful / (useful + false); false alarms per territory and month; median days from the change to its detection; median hours from firing to the acknowledgement and to the
--   first decision on a suggestion that names the alert
-- grain: window_days × company, region
-- subject: advice
-- owner: operations
-- made: every minute
-- caveats: By the day of detection. Judged are alerts marked useful or false; expected ones are neither. The start of the change is estimated by the detector. Firing is the moment
--   (event time) of the first row in which it fires: an alert of a replayed history is as old as that. Alerts that lead to no suggestion, or to one
--   that nobody decided, have no hours to a decision.
-- column false_alarms: Alerts marked false
-- column false_per_territory_month: False alarms per active territory and 30 days
-- column median_delay_days: Median days from started_on to detected_on
-- column median_hours_to_acknowledge: Median hours from firing to the acknowledgement, of alerts acknowledged
-- column decided: Alerts that a decision followed
-- column median_hours_to_decision: Median hours from firing to that decision
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(verdict = 'useful') AS numerator,
    countIf(verdict IN ('useful', 'false')) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(verdict = 'false') AS false_alarms,
    false_alarms / nullIf(if(grain = 'company', (SELECT count() FROM territory_state), any(territories)) * window_days / 30, 0) AS false_per_territory_month,
    quantileExactInclusiveOrNull(0.5)(delay) AS median_delay_days,
    quantileExactInclusiveOrNullIf(0.5)(lag, isNotNull(lag)) AS median_hours_to_acknowledge,
    countIf(isNotNull(wait)) AS decided,
    quantileExactInclusiveOrNullIf(0.5)(assumeNotNull(wait), isNotNull(wait)) AS median_hours_to_decision
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, a.verdict AS verdict, dateDiff('day', a.started_on, a.detected_on) AS delay,
        dateDiff('second', f.fired_at, a.acknowledged_at) / 3600 AS lag, t.territories AS territories,
        if(d.alert_id != '' AND d.decided_at >= f.fired_at, dateDiff('second', f.fired_at, d.decided_at) / 3600, NULL) AS wait
    FROM (SELECT alert_id, toString(region_id) AS region_id, verdict, started_on, detected_on, acknowledged_at, state FROM alerts_now WHERE state != 'pending' AND state != 'normal') AS a
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    -- one that never fired, such as one that was silenced first, counts from its first row
    LEFT JOIN (SELECT alert_id, ifNull(minOrNullIf(as_of, state = 'firing'), min(as_of)) AS fired_at FROM alerts GROUP BY alert_id) AS f ON a.alert_id = f.alert_id
    LEFT JOIN
    (
        SELECT alert_id, min(decided_at) AS decided_at
        FROM
        (
            SELECT groupUniqArrayArray(alert_ids) AS alerts, minIf(as_of, status IN ('approved', 'rejected', 'modified')) AS decided_at,
                countIf(status IN ('approved', 'rejected', 'modified')) AS decisions
            FROM suggestions GROUP BY suggestion_id HAVING decisions > 0
        )
        ARRAY JOIN alerts AS alert_id
        GROUP BY alert_id
    ) AS d ON a.alert_id = d.alert_id
    LEFT JOIN (SELECT region_id, count() AS territories FROM territory_state GROUP BY region_id) AS t ON a.region_id = t.region_id
    WHERE a.detected_on > toDate32(w.starts_after) AND a.detected_on <= toDate32(w.ends)
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
