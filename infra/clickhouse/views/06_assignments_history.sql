-- about: Who owned which account when (as-was): one row per stretch with the same rep
-- column rep_id: The rep; empty while the account has none
-- column previous_rep_id: The last rep before, or empty
-- column moved: Whether the account changed from one rep to another
-- column valid_from: First day of the stretch
-- column valid_to: First day after the stretch; 2299-12-31 while it lasts
-- column source: Where the assignment comes from
-- column said_at: When it was said (event time, UTC)
WITH said AS
(
    -- of several statements about the same first day the latest holds
    SELECT account_id, valid_from, max(at) AS said_at, argMax(rep, (at, number)) AS rep_id, argMax(origin, (at, number)) AS source
    FROM
    (
        SELECT account_id, valid_from, ifNull(toString(rep_id), '') AS rep, occurred_at AS at, offset AS number, toString(source) AS origin
        FROM assignments FINAL
        UNION ALL
        SELECT account_id, valid_from, toString(to_rep) AS rep, as_of AS at, 0 AS number, 'decision' AS origin
        FROM assignment_changes FINAL WHERE kind NOT IN ('cover', 'cover_end')
    )
    GROUP BY account_id, valid_from
),
stretches AS
(
    SELECT
        *,
        row_number() OVER (PARTITION BY account_id ORDER BY valid_from) AS number,
        lagInFrame(rep_id) OVER (PARTITION BY account_id ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS rep_before,
        anyLastIf(rep_id, rep_id != '') OVER (PARTITION BY account_id ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_rep_id
    FROM said
)
SELECT
    account_id, rep_id, previous_rep_id,
    rep_id != '' AND previous_rep_id != '' AND rep_id != previous_rep_id AS moved,
    valid_from,
    leadInFrame(valid_from, 1, toDate32('2299-12-31'))
        OVER (PARTITION BY account_id ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS valid_to,
    source, said_at
FROM stretches
WHERE number = 1 OR rep_id != rep_before
