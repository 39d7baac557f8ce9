-- name: Profitability of a segment
-- question: What does a customer of each segment leave after what is spent on it?
-- formula: (margin_k - acquisition_k - service_k) / customers_k; margin = revenue·cost.margin_share, acquisition and service = time, km and nights of visits to prospects and to customers
-- grain: window_days × company, region × segment
-- subject: conduct
-- owner: finance
-- caveats: Present segment and kind of the account; customers are accounts with an order in the window. Unit costs of today.
-- column margin_eur: Margin, EUR
-- column acquisition_eur: Visits to prospects, EUR
-- column service_eur: Visits to customers, EUR
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, segment,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(net) * (SELECT margin_share FROM business) AS margin_eur,
    ifNull(sumIf(cost, kind = 'prospect'), 0) AS acquisition_eur,
    ifNull(sumIf(cost, kind != 'prospect'), 0) AS service_eur,
    margin_eur - acquisition_eur - service_eur AS numerator,
    uniqExactIf(account_id, placed > 0) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT a.window_days AS window_days, s.region_id AS region_id, toString(s.segment) AS segment, s.kind AS kind, a.account_id AS account_id,
        a.net_amount AS net, a.orders AS placed,
        (a.duration_minutes + a.travel_minutes) / 60 * (SELECT per_hour FROM business) + a.travel_km * (SELECT per_km FROM business)
            + a.nights * (SELECT per_night FROM business) AS cost
    FROM activity_windows AS a INNER JOIN account_state AS s ON a.account_id = s.account_id
)
GROUP BY GROUPING SETS ((window_days, region_id, segment), (window_days, segment))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
