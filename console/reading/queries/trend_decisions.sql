-- Opportunities won and changed relations, company, over 90 days that end every four weeks, and the suggestions that waited on these days.
WITH
    (SELECT as_of FROM watermark) AS until,
    relations AS
    (
        SELECT
            back, account_id,
            anyIf(toString(h.rep_id), h.valid_from <= toDate32(until - toIntervalDay(28 * back + 90)) AND h.valid_to > toDate32(until - toIntervalDay(28 * back + 90))) AS rep_then,
            anyIf(toString(h.rep_id), h.valid_from <= toDate32(until - toIntervalDay(28 * back)) AND h.valid_to > toDate32(until - toIntervalDay(28 * back))) AS rep_now
        FROM ownership AS h
        INNER JOIN (SELECT account_id FROM account_state WHERE active) AS s ON h.account_id = s.account_id
        INNER JOIN (SELECT account_id, least(min(toDate32(occurred_at)), ifNull(min(since), toDate32('2299-12-31'))) AS first_day FROM accounts FINAL GROUP BY account_id) AS a ON h.account_id = a.account_id
        ARRAY JOIN arrayFilter(b -> a.first_day <= toDate32(until - toIntervalDay(28 * b + 90)), range(7)) AS back
        GROUP BY back, account_id
    )
SELECT name, toDate32(until - toIntervalDay(28 * back)) AS ends_on, value
FROM
(
    SELECT 'Opportunities won' AS name, back, uniqExactIf(opportunity_id, stage = 'won') / nullIf(uniqExactIf(opportunity_id, stage = 'won') + uniqExactIf(opportunity_id, stage = 'lost'), 0) AS value
    FROM opportunities FINAL
    ARRAY JOIN arrayFilter(b -> occurred_at > until - toIntervalDay(28 * b + 90) AND occurred_at <= until - toIntervalDay(28 * b), range(7)) AS back
    WHERE occurred_at > until - toIntervalDay(28 * 6 + 90)
    GROUP BY back
    UNION ALL
    SELECT 'Changed relations' AS name, back, countIf(rep_then != '' AND rep_then != rep_now) / nullIf(count(), 0) AS value FROM relations GROUP BY back
    UNION ALL
    SELECT 'Suggestions waiting' AS name, back, toFloat64(countIf(status = 'proposed')) AS value
    FROM
    (
        SELECT suggestion_id, back, argMaxIf(toString(status), revision, as_of <= until - toIntervalDay(28 * back)) AS status
        FROM (SELECT suggestion_id, revision, status, as_of FROM suggestions FINAL) ARRAY JOIN range(7) AS back
        GROUP BY suggestion_id, back
    )
    GROUP BY back
)
ORDER BY name, ends_on
