-- about: What the accounts of each territory are worth by their latest closed week: sums of a plan, without saying which accounts
-- column rep_id: The rep of the territory; empty for accounts without one
-- column accounts: Accounts with a potential
-- column potential_eur: Revenue expected in the next 52 weeks, EUR
-- column low_eur: Sum of the lower ends of their intervals, EUR
-- column high_eur: Sum of the upper ends, EUR
-- column by_analogy: Accounts estimated from like ones, for want of a history
SELECT
    region_id, rep_id, count() AS accounts, sum(potentials.potential_eur) AS potential_eur, sum(potentials.low_eur) AS low_eur,
    sum(potentials.high_eur) AS high_eur, countIf(potentials.by_analogy) AS by_analogy
FROM potentials_now AS potentials
GROUP BY region_id, rep_id
