-- about: What 1, 2, 3, 5, ... moves would buy, one row a limit: the best plan found and what no such plan can beat
-- column suggestion_id: The suggestion
-- column revision: The revision the row belongs to
-- column status: State of the suggestion
-- column move_limit: Most moves of the plan
-- column objective_eur: What the best plan found costs, EUR a year
-- column bound_eur: No plan of so many moves costs less, EUR a year
-- column balance_eur: Unbalance that is left, EUR a year
-- column max_deviation: Largest deviation of a territory from its fair share
-- column saving_eur: What it saves against doing nothing, EUR a year
SELECT
    region_id, suggestion_id, revision, status, as_of,
    point.move_limit AS move_limit, point.objective_eur AS objective_eur, point.bound_eur AS bound_eur,
    point.balance_eur AS balance_eur, point.max_deviation AS max_deviation,
    objective_before_eur - point.objective_eur AS saving_eur
FROM suggestions_now
ARRAY JOIN frontier AS point
