-- Travel per client and cost per visit, company, over 90 days that end every four weeks.
WITH (SELECT as_of FROM watermark) AS until
SELECT
    toDate32(until - toIntervalDay(28 * back)) AS ends_on,
    sum(travel_minutes) / 60 / nullIf(uniqExact(account_id), 0) AS travel_per_client,
    (sum(travel_km) * (SELECT per_km FROM business) + sum(travel_minutes + duration_minutes) / 60 * (SELECT per_hour FROM business)) / nullIf(count(), 0) AS cost_per_visit
FROM visits_owned
ARRAY JOIN range(7) AS back
WHERE occurred_at > until - toIntervalDay(28 * back + 90) AND occurred_at <= until - toIntervalDay(28 * back)
GROUP BY back
ORDER BY back DESC
