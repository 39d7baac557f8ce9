-- about: Doing nothing, the suggestion, the greatest fairness and the shortest travel side by side, one row a plan, all at the same prices
-- column suggestion_id: The suggestion
-- column revision: The revision the row belongs to
-- column status: State of the suggestion
-- column scenario: nothing, balanced (the suggestion itself), max_fairness or min_distance
-- column total_eur: What the plan costs, EUR a year
-- column travel_eur: Cost of travel, EUR a year
-- column change_eur: Cost of handovers and of relations at risk, EUR a year
-- column balance_eur: Cost of unbalance, EUR a year
-- column overtime_eur: Cost of overtime, EUR a year
-- column contiguity_eur: Cost of territories in pieces, where that has a price, EUR a year
-- column travel_km: Travel between homes and accounts, km a year
-- column travel_hours_per_client: Travel for one client, hours a year, estimated from a tour
-- column spread: Standard deviation of potential per capacity, share of the mean
-- column max_deviation: Largest deviation of a territory from its fair share
-- column overtime_hours: Work beyond the free hours, which are hours_slack times a reps share of all work by capacity, hours a year
-- column move_count: Accounts that change their rep
-- column potential_moved_eur: Potential that changes rep, EUR
-- column saving_eur: What it saves against doing nothing, EUR a year
SELECT
    region_id, suggestion_id, revision, status, as_of,
    plan.scenario AS scenario, plan.total_eur AS total_eur, plan.travel_eur AS travel_eur, plan.change_eur AS change_eur,
    plan.balance_eur AS balance_eur, plan.overtime_eur AS overtime_eur, plan.contiguity_eur AS contiguity_eur,
    plan.travel_km AS travel_km,
    plan.travel_hours_per_client AS travel_hours_per_client, plan.spread AS spread, plan.max_deviation AS max_deviation,
    plan.overtime_hours AS overtime_hours, plan.move_count AS move_count, plan.potential_moved_eur AS potential_moved_eur,
    objective_before_eur - plan.total_eur AS saving_eur
FROM suggestions_now
ARRAY JOIN scenarios AS plan
