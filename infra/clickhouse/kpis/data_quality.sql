-- name: Data quality
-- question: Which facts about accounts are missing?
-- formula: #{active accounts that have the fact} / #{active accounts}, one row a criterion
-- grain: company, region × criterion
-- subject: accounts
-- owner: sales operations
-- caveats: frequency and duration of an account may be left to its segment on purpose. distinct is the share of accounts whose name and town no other account has; accounts without a name count as distinct.
-- column criterion: place, segment, postal_code, town, since, frequency, duration, rep or distinct
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
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT a.region_id AS region_id, facts.1 AS criterion, toUInt64(facts.2) AS held
    FROM
    (
        SELECT x.region_id AS region_id, x.lat AS lat, x.segment AS segment, x.postal_code AS postal_code, x.city AS city, x.since AS since,
            x.visits_per_year AS visits_per_year, x.visit_minutes AS visit_minutes, s.rep_id AS rep_id, t.same AS same
        FROM accounts_now AS x
        LEFT JOIN (SELECT account_id, rep_id FROM account_state) AS s ON x.account_id = s.account_id
        LEFT JOIN (SELECT id, lower(argMax(name, occurred_at)) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON x.account_id = n.id
        LEFT JOIN twins AS t ON n.name = t.name AND x.city = t.city
        WHERE x.active
    ) AS a
    ARRAY JOIN
        [('place', isNotNull(a.lat)), ('segment', a.segment != ''), ('postal_code', a.postal_code != ''), ('town', a.city != ''), ('since', isNotNull(a.since)),
         ('frequency', isNotNull(a.visits_per_year)), ('duration', isNotNull(a.visit_minutes)), ('rep', a.rep_id != ''), ('distinct', a.same = 0)] AS facts
)
GROUP BY GROUPING SETS ((region_id, criterion), (criterion))
