-- Weighted coverage and frequency adherence, company, over 90 days that end every four weeks, by the plan and potential of today.
WITH (SELECT as_of FROM watermark) AS until
SELECT
    toDate32(until - toIntervalDay(28 * p.back)) AS ends_on,
    sumIf(p.potential_eur, v.made >= 1) / nullIf(sum(p.potential_eur), 0) AS weighted_coverage,
    sum(least(toFloat64(v.made), p.planned)) / nullIf(sum(p.planned), 0) AS frequency_adherence
FROM
(
    SELECT account_id, potential_eur, visits_per_year * 90 / 365 AS planned, back
    FROM account_state ARRAY JOIN range(7) AS back WHERE active
) AS p
LEFT JOIN
(
    SELECT account_id, back, count() AS made
    FROM
    (
        SELECT account_id, occurred_at
        FROM visits FINAL WHERE occurred_at > until - toIntervalDay(28 * 6 + 90) ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    )
    ARRAY JOIN arrayFilter(b -> occurred_at > until - toIntervalDay(28 * b + 90) AND occurred_at <= until - toIntervalDay(28 * b), range(7)) AS back
    GROUP BY account_id, back
) AS v ON p.account_id = v.account_id AND p.back = v.back
GROUP BY p.back
ORDER BY p.back DESC
