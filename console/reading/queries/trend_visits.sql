-- Travel per client and cost per visit, company, over 90 days that end every four weeks.
WITH (SELECT as_of FROM watermark) AS until
SELECT
    toDate32(until - toIntervalDay(28 * back)) AS ends_on,
    sum(travel_minutes) / 60 / nullIf(uniqExact(account_id), 0) AS travel_per_client,
    (sum(travel_km) * (SELECT per_km FROM business) + sum(travel_minutes + duration_minutes) / 60 * (SELECT per_hour FROM business)) / nullIf(count(), 0) AS cost_per_visit
FROM
(
    -- the days before the windows are left out where the visits are read, and each visit stands in its windows only
    SELECT account_id, occurred_at, travel_minutes, travel_km, duration_minutes
    FROM visits FINAL WHERE occurred_at > until - toIntervalDay(28 * 6 + 90) ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
)
ARRAY JOIN arrayFilter(b -> occurred_at > until - toIntervalDay(28 * b + 90) AND occurred_at <= until - toIntervalDay(28 * b), range(7)) AS back
GROUP BY back
ORDER BY back DESC
