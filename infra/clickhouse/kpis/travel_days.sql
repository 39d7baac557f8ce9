-- name: Travel days
-- question: On how many days of work is a rep mostly on the road?
-- formula: #{(r, day): Σ travel_min >= threshold} / #{(r, day) with a visit}
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- made: every minute
-- caveats: By the rep who drove; days are UTC days. The threshold is cost.travel_day_minutes of the settings.
SELECT
    window_days, multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(minutes >= (SELECT travel_day_minutes FROM business)) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, v.region_id AS region_id, v.rep_id AS rep_id, v.day AS day, sum(v.travel) AS minutes
    FROM
    (
        SELECT toString(region_id) AS region_id, toString(rep_id) AS rep_id, toDate32(occurred_at) AS day, occurred_at, travel_minutes AS travel
        FROM visits FINAL WHERE status = 'done' AND channel = 'visit' AND occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(365)
        ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    ) AS v CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    WHERE v.occurred_at > w.starts_after AND v.occurred_at <= w.ends
    GROUP BY window_days, region_id, rep_id, day
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
