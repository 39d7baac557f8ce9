-- name: Data quality
-- question: Which facts about accounts are missing?
-- formula: #{active accounts that have the fact} / #{active accounts}, one row a criterion; orders: of the active customers alone
-- grain: company, region × criterion
-- subject: accounts
-- owner: sales operations
-- caveats: frequency and duration of an account may be left to its segment on purpose. distinct is the share of accounts whose name and town no other account has; accounts without a name count as distinct.
--   segment and family are what accounts are sorted by. orders is the share of the customers with an order placed in 365 days: those without
--   one may be lost customers, or orders that were not sent. The age of contacts is told on the row contact and is null where none has a day.
-- column criterion: name, place, segment, family, postal_code, town, since, contact, frequency, duration, rep, orders or distinct
-- column median_age_days: Median days since the contact persons of an account were last entered or confirmed, of those that have a day
WITH twins AS
(
    SELECT n.name AS name, a.city AS city, count() AS same
    FROM (SELECT id, lower(argMax(name, occurred_at)) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n
    INNER JOIN accounts_now AS a ON n.id = a.account_id
    WHERE a.active AND n.name != '' GROUP BY name, city HAVING same > 1
)
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, criterion,
    (SELECT as_of FROM watermark) AS as_of,
    sum(held) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    quantileExactInclusiveOrNullIf(0.5)(age, criterion = 'contact' AND held = 1) AS median_age_days
FROM
(
    SELECT a.region_id AS region_id, facts.1 AS criterion, toUInt64(facts.2) AS held, toFloat64(a.age) AS age
    FROM
    (
        SELECT x.region_id AS region_id, x.lat AS lat, x.segment AS segment, x.postal_code AS postal_code, x.city AS city, x.since AS since,
            x.visits_per_year AS visits_per_year, x.visit_minutes AS visit_minutes, s.rep_id AS rep_id, t.same AS same,
            x.kind AS kind, x.family_id AS family_id, n.name AS name, x.contact_updated_on AS contact_updated_on, o.orders AS orders,
            ifNull(dateDiff('day', x.contact_updated_on, (SELECT toDate32(as_of) FROM watermark)), 0) AS age
        FROM accounts_now AS x
        LEFT JOIN (SELECT account_id, rep_id FROM account_state) AS s ON x.account_id = s.account_id
        LEFT JOIN (SELECT id, lower(argMax(name, occurred_at)) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON x.account_id = n.id
        LEFT JOIN twins AS t ON n.name = t.name AND x.city = t.city
        LEFT JOIN (SELECT account_id, sum(orders) AS orders FROM activity_windows WHERE window_days = 365 GROUP BY account_id) AS o ON x.account_id = o.account_id
        WHERE x.active
    ) AS a
    ARRAY JOIN
        [('name', a.name != ''), ('family', a.family_id != ''), ('contact', isNotNull(a.contact_updated_on)), ('orders', a.orders > 0), ('place', isNotNull(a.lat)), ('segment', a.segment != ''), ('postal_code', a.postal_code != ''), ('town', a.city != ''), ('since', isNotNull(a.since)),
         ('frequency', isNotNull(a.visits_per_year)), ('duration', isNotNull(a.visit_minutes)), ('rep', a.rep_id != ''), ('distinct', a.same = 0)] AS facts
    WHERE criterion != 'orders' OR a.kind = 'customer'
)
GROUP BY GROUPING SETS ((region_id, criterion), (criterion))
