-- about: Travel of the territories that a suggestion changes, before and after, with tours by routing, one row a territory
-- column suggestion_id: The suggestion
-- column revision: The revision the row belongs to
-- column status: State of the suggestion
-- column method: roads (routed on the road), routed (in straight lines), or estimated where routing could not say
-- column clients_before: Accounts with a place before
-- column clients_after: Accounts with a place after
-- column tour_km_before: One tour through all of them before, km in straight lines, on the road by method roads
-- column tour_km_after: One tour through all of them after, km in straight lines, on the road by method roads
-- column year_km_before: Travel on the road before, km a year
-- column year_km_after: Travel on the road after, km a year
-- column hours_per_client_before: Travel for one client before, hours a year
-- column hours_per_client_after: Travel for one client after, hours a year
SELECT
    region_id, suggestion_id, revision, status, as_of,
    told.rep_id AS rep_id, told.method AS method, told.clients_before AS clients_before, told.clients_after AS clients_after,
    told.tour_km_before AS tour_km_before, told.tour_km_after AS tour_km_after, told.year_km_before AS year_km_before,
    told.year_km_after AS year_km_after, told.hours_per_client_before AS hours_per_client_before,
    told.hours_per_client_after AS hours_per_client_after
FROM suggestions_now
ARRAY JOIN travel_checks AS told
