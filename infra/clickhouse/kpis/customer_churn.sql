-- name: Customer churn
-- question: What share of the customers of the start of the window has fallen silent?
-- formula: #{active at t0, no order in H_i after it} / #{active at t0, H_i over by now}, H_i = 3 times the own interval of the year before
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: sales direction
-- made: every 10 minutes
-- caveats: By the owner at the start of the window, and as-is by the present one. Active is an account with at least two orders in the 365 days before t0. Only accounts whose H_i is over are judged: in a short window these are the frequent buyers.
-- column waiting: Active accounts whose H_i is not over yet
-- column numerator_as_is: Silent ones of the accounts the present owner has
-- column denominator_as_is: Of these accounts, those judged
-- column value_as_is: numerator_as_is / denominator_as_is
SELECT
    window_days, multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(judged AND silent AND side = 'as_was') AS numerator,
    countIf(judged AND side = 'as_was') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(NOT judged AND side = 'as_was') AS waiting,
    countIf(judged AND silent AND side = 'as_is') AS numerator_as_is,
    countIf(judged AND side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM
(
    SELECT c.window_days AS window_days, c.region_id AS region_id, c.judged AS judged, c.silent AS silent, owner.1 AS side, owner.2 AS rep_id
    FROM
    (
        SELECT
            w.window_days AS window_days, o.account_id AS account_id, any(o.region_id) AS region_id,
            sum(arrayCount(d -> d > w.t0 - 365 AND d <= w.t0, o.days)) AS before,
            min(arrayMin(d -> if(d > w.t0, d, toDate32('2299-12-31')), o.days)) AS next, sum(arrayCount(d -> d > w.t0, o.days)) AS after,
            any(w.t0) AS t0, any(w.t1) AS t1, toUInt32(ceil(3 * 365 / before)) AS patience,
            t0 + patience <= t1 AS judged, after = 0 OR next > t0 + patience AS silent
        FROM
        (
            -- an array of days an account: days in rows of their own would all be joined to every window
            SELECT account_id, toString(region_id) AS region_id, groupUniqArray(toDate32(occurred_at)) AS days FROM orders
            WHERE status = 'placed' AND occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(731) GROUP BY account_id, region_id
        ) AS o
        CROSS JOIN (SELECT window_days, toDate32(starts_after) AS t0, toDate32(as_of) AS t1 FROM kpi_windows) AS w
        GROUP BY window_days, account_id
        HAVING before >= 2
    ) AS c
    LEFT JOIN
    (
        SELECT w.window_days AS window_days, h.account_id AS account_id,
            anyIf(toString(h.rep_id), h.valid_from <= w.t0 AND h.valid_to > w.t0) AS rep_then,
            anyIf(toString(h.rep_id), h.valid_from <= w.t1 AND h.valid_to > w.t1) AS rep_now
        FROM ownership AS h CROSS JOIN (SELECT window_days, toDate32(starts_after) AS t0, toDate32(as_of) AS t1 FROM kpi_windows) AS w
        GROUP BY window_days, account_id
    ) AS o ON c.window_days = o.window_days AND c.account_id = o.account_id
    ARRAY JOIN [('as_was', o.rep_then), ('as_is', o.rep_now)] AS owner
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
