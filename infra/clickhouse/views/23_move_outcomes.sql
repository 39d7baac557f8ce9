-- about: Outcome ledger: each account that moved by a suggestion, 4, 13, 26, 52 and 78 closed weeks later, against matched accounts that did not move
-- made: every hour
-- column change_id: The change of the account
-- column suggestion_id: The suggestion it belongs to
-- column from_rep: Rep before
-- column to_rep: Rep after
-- column valid_from: First day on which the move holds
-- column horizon_days: 30, 90, 180, 365 or 548 days, taken as 4, 13, 26, 52 or 78 whole weeks before and after
-- column predicted_eur: Worth that the suggestion promised of this move, for the horizon
-- column predicted_travel_eur: Part of it from travel
-- column price_eur: What the change of rep was priced at, once, EUR
-- column revenue_before: Revenue of the account in the weeks before
-- column revenue_after: Revenue of the account in the weeks after
-- column controls: Matched accounts: same region and segment, not moved meanwhile, revenue before between half and twice as much
-- column control_before: Their revenue before
-- column control_after: Their revenue after
-- column realised_revenue_eur: revenue_after - revenue_before · control_after / control_before; null without controls
-- column realised_travel_eur: Travel cost to the account before less after, per week, over the horizon, unit costs of today
-- column realised_eur: realised_revenue_eur · cost.margin_share + realised_travel_eur; null without controls
WITH
    weekly AS
    (
        SELECT account_id, groupArray((week, eur)) AS told
        FROM (SELECT account_id, week, argMax(actual_week_eur, as_of) AS eur FROM potentials GROUP BY account_id, week)
        GROUP BY account_id
    ),
    moves AS
    (
        SELECT
            c.change_id AS change_id, c.account_id AS account_id, toString(c.region_id) AS region_id, c.suggestion_id AS suggestion_id,
            toString(c.from_rep) AS from_rep, toString(c.to_rep) AS to_rep, c.valid_from AS valid_from,
            toDate32(toMonday(c.valid_from)) AS begins, h.1 AS horizon_days, h.2 AS weeks, toString(s.segment) AS segment,
            m.worth_eur AS worth_eur, m.travel_eur AS travel_eur, -m.change_eur AS price_eur, w.told AS told
        FROM (SELECT * FROM assignment_changes FINAL WHERE kind = 'move' AND suggestion_id != '') AS c
        ARRAY JOIN [(30, 4), (90, 13), (180, 26), (365, 52), (548, 78)]::Array(Tuple(UInt16, UInt16)) AS h
        LEFT JOIN (SELECT suggestion_id, account_id, worth_eur, travel_eur, change_eur FROM suggestion_moves) AS m
            ON c.suggestion_id = m.suggestion_id AND c.account_id = m.account_id
        LEFT JOIN (SELECT account_id, suggestion_id, min(valid_from) AS back FROM assignment_changes FINAL WHERE kind = 'undo' GROUP BY account_id, suggestion_id) AS u
            ON c.account_id = u.account_id AND c.suggestion_id = u.suggestion_id
        INNER JOIN account_state AS s ON c.account_id = s.account_id
        INNER JOIN weekly AS w ON c.account_id = w.account_id
        WHERE begins + 7 * weeks <= (SELECT closed_week FROM watermark) + 7 AND (u.account_id = '' OR u.back >= begins + 7 * weeks)
            -- a year has a like one before it only where the account's weeks are known that far back
            AND (weeks <= 26 OR arrayMin(x -> x.1, told) <= begins - 7 * weeks)
    ),
    judged AS
    (
        SELECT *,
            arraySum(arrayMap(x -> if(x.1 >= begins - 7 * weeks AND x.1 < begins, x.2, 0), told)) AS revenue_before,
            arraySum(arrayMap(x -> if(x.1 >= begins AND x.1 < begins + 7 * weeks, x.2, 0), told)) AS revenue_after
        FROM moves
    ),
    changed AS (SELECT account_id, groupArray(valid_from) AS days FROM ownership WHERE moved GROUP BY account_id),
    stayed AS
    (
        SELECT s.account_id AS account_id, toString(s.region_id) AS region_id, toString(s.segment) AS segment, w.told AS told, x.days AS days
        FROM account_state AS s INNER JOIN weekly AS w ON s.account_id = w.account_id LEFT JOIN changed AS x ON s.account_id = x.account_id
    ),
    control AS
    (
        SELECT change_id, horizon_days, count() AS controls, sum(before) AS control_before, sum(after) AS control_after
        FROM
        (
            SELECT j.change_id AS change_id, j.horizon_days AS horizon_days, j.revenue_before AS own,
                arraySum(arrayMap(x -> if(x.1 >= j.begins - 7 * j.weeks AND x.1 < j.begins, x.2, 0), s.told)) AS before,
                arraySum(arrayMap(x -> if(x.1 >= j.begins AND x.1 < j.begins + 7 * j.weeks, x.2, 0), s.told)) AS after
            FROM judged AS j INNER JOIN stayed AS s ON j.region_id = s.region_id AND j.segment = s.segment
            WHERE s.account_id != j.account_id
                AND NOT arrayExists(d -> d > j.begins - 7 * j.weeks AND d < j.begins + 7 * j.weeks, s.days)
        )
        WHERE before > 0 AND before >= own / 2 AND before <= own * 2
        GROUP BY change_id, horizon_days
    ),
    travelled AS
    (
        SELECT j.change_id AS change_id, j.horizon_days AS horizon_days,
            sumIf(cost, v.day >= j.begins - 7 * j.weeks AND v.day < j.begins) AS before,
            sumIf(cost, v.day >= j.begins AND v.day < j.begins + 7 * j.weeks) AS after
        FROM judged AS j INNER JOIN
        (
            SELECT account_id, toDate32(occurred_at) AS day,
                travel_km * (SELECT per_km FROM business) + travel_minutes / 60 * (SELECT per_hour FROM business) AS cost
            FROM visits FINAL WHERE status = 'done' AND channel = 'visit' AND account_id IN (SELECT account_id FROM assignment_changes)
            ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
        ) AS v ON j.account_id = v.account_id
        GROUP BY change_id, horizon_days
    )
SELECT
    j.change_id AS change_id, j.region_id AS region_id, j.suggestion_id AS suggestion_id, j.account_id AS account_id,
    j.from_rep AS from_rep, j.to_rep AS to_rep, j.valid_from AS valid_from, j.segment AS segment, j.horizon_days AS horizon_days,
    j.worth_eur * j.weeks / 52 AS predicted_eur, j.travel_eur * j.weeks / 52 AS predicted_travel_eur, j.price_eur AS price_eur,
    j.revenue_before AS revenue_before, j.revenue_after AS revenue_after,
    c.controls AS controls, c.control_before AS control_before, c.control_after AS control_after,
    if(c.controls = 0, NULL, j.revenue_after - j.revenue_before * c.control_after / c.control_before) AS realised_revenue_eur,
    ifNull(t.before - t.after, 0) AS realised_travel_eur,
    realised_revenue_eur * (SELECT margin_share FROM business) + realised_travel_eur AS realised_eur,
    (SELECT as_of FROM watermark) AS as_of
FROM judged AS j
LEFT JOIN control AS c ON j.change_id = c.change_id AND j.horizon_days = c.horizon_days
LEFT JOIN travelled AS t ON j.change_id = t.change_id AND j.horizon_days = t.horizon_days
