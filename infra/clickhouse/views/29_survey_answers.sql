-- about: Each answer to a survey in the 365 days before the watermark, as it was corrected last, with the region and the rep it speaks of
-- made: every minute
-- column of: customer or rep: who answered
-- column account_id: The customer; empty for the answer of a rep
-- column region_id: Present region of the account or rep; empty for one nobody has told of
-- column rep_id: Owner of the account on the day of the answer (as-was), empty when there was none; the rep who answered
-- column score: 0 to 10 of a customer, 1 to 10 of a rep
-- column occurred_at: When it was given (UTC)
-- column as_of: Watermark it was reckoned at (UTC)
WITH
    (SELECT as_of FROM watermark) AS until,
    answers AS
    (
        SELECT ifNull(account_id, '') AS account, ifNull(toString(rep_id), '') AS rep, score, occurred_at, toDate32(occurred_at) AS day
        FROM surveys FINAL
        WHERE occurred_at > until - toIntervalDay(365) AND occurred_at <= until
        ORDER BY survey_id, occurred_at DESC, offset DESC LIMIT 1 BY survey_id
    )
SELECT
    'customer' AS of, s.account AS account_id, a.region_id AS region_id, h.rep_id AS rep_id, s.score AS score,
    s.occurred_at AS occurred_at, until AS as_of
FROM (SELECT * FROM answers WHERE account != '') AS s
ASOF LEFT JOIN assignments_history AS h ON s.account = h.account_id AND s.day >= h.valid_from
LEFT JOIN accounts_now AS a ON s.account = a.account_id
UNION ALL
SELECT
    'rep' AS of, '' AS account_id, r.region_id AS region_id, s.rep AS rep_id, s.score AS score,
    s.occurred_at AS occurred_at, until AS as_of
FROM (SELECT * FROM answers WHERE rep != '') AS s
LEFT JOIN reps_now AS r ON s.rep = r.rep_id
