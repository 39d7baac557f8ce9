-- The travel of a suggestion, checked by routing on the territories that change.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS travel_checks Array(Tuple(rep_id LowCardinality(String), method LowCardinality(String), clients_before UInt32, clients_after UInt32, tour_km_before Float64, tour_km_after Float64, year_km_before Float64, year_km_after Float64, hours_per_client_before Float64, hours_per_client_after Float64)) COMMENT 'Travel of the territories that change, with tours by routing, before and after';
