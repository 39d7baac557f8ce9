-- How much each further move buys, with its bound, so that a manager sees what fewer or more moves would do.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS frontier Array(Tuple(move_limit UInt32, objective_eur Float64, bound_eur Float64, balance_eur Float64, max_deviation Float64)) COMMENT 'What 1, 2, 3, 5, ... moves would buy: objective and bound EUR a year, largest deviation as a share';
