-- Every share of a move's worth, each with what it means in its own unit: those of one move now sum to its worth. Moves of
-- before have 0 there.

ALTER TABLE suggestions
    MODIFY COLUMN moves Array(Tuple(account_id String, from_rep LowCardinality(String), to_rep LowCardinality(String), worth_eur Float64, travel_eur Float64, change_eur Float64, balance_eur Float64, overtime_eur Float64, travel_km Float64, hours Float64, potential_eur Float64, reason String, binding LowCardinality(String), alternative String, contiguity_eur Float64, overtime_hours Float64, deviation_points Float64, pieces Float64)) COMMENT 'Moves, one entry an account';
