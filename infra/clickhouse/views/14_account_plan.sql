-- about: Each account with its present owner, potential and plan of visits
-- column kind: customer or prospect
-- column active: Whether it is not closed
-- column rep_id: Present owner; empty when there is none
-- column segment: Segment the company gave, else that of the model, else C
-- column potential_eur: Revenue expected in the next 52 weeks, EUR; 0 while nothing is known
-- column visits_per_year: Target frequency: the account's own, else that of its segment
-- column visit_minutes: Planned duration: the account's own, else that of its segment
-- column lat: Latitude, degrees
-- column lon: Longitude, degrees
-- column city: Town
SELECT
    a.account_id AS account_id, a.region_id AS region_id, a.kind AS kind, a.active AS active, n.rep_id AS rep_id,
    multiIf(a.segment != '', a.segment, p.segment != '', toString(p.segment), 'C') AS segment,
    p.potential_eur AS potential_eur,
    ifNull(a.visits_per_year, (SELECT visits_per_year FROM business)[segment]) AS visits_per_year,
    ifNull(a.visit_minutes, (SELECT visit_minutes FROM business)[segment]) AS visit_minutes,
    a.lat AS lat, a.lon AS lon, a.city AS city
FROM accounts_now AS a
LEFT JOIN assignments_now AS n ON a.account_id = n.account_id
LEFT JOIN potentials_now AS p ON a.account_id = p.account_id
