-- about: One row per active rep, even without any account: what the territory holds and what the rep can do
-- column capacity_hours: Field hours of a year: weekly hours times field weeks
-- column ready_hours: capacity_hours times seniority: what the fair share of potential follows
-- column accounts: Active accounts
-- column potential_eur: Their potential, EUR
-- column per_hour: potential_eur / ready_hours, EUR an hour
SELECT
    r.region_id AS region_id, r.rep_id AS rep_id,
    r.weekly_hours * (SELECT field_weeks FROM business) AS capacity_hours, capacity_hours * r.seniority AS ready_hours,
    s.accounts AS accounts, s.potential AS potential_eur, s.potential / ready_hours AS per_hour
FROM (SELECT * FROM reps_now WHERE active) AS r
LEFT JOIN
(
    SELECT rep_id, count() AS accounts, sum(potential_eur) AS potential FROM account_state WHERE active GROUP BY rep_id
) AS s ON r.rep_id = s.rep_id
