-- Reference plans beside the suggested one, so that a manager sees what other priorities would do.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS scenarios Array(Tuple(total_eur Float64, travel_eur Float64, change_eur Float64, balance_eur Float64, overtime_eur Float64, contiguity_eur Float64, travel_km Float64, travel_hours_per_client Float64, spread Float64, max_deviation Float64, overtime_hours Float64, move_count UInt32, potential_moved_eur Float64, scenario LowCardinality(String))) COMMENT 'Doing nothing, the suggestion, the greatest fairness and the shortest travel: costs EUR a year and figures in their own units';
