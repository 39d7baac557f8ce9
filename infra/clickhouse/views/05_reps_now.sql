-- about: Reps as their latest event says; each active one has a territory, even an empty one
-- column active: Whether the rep works on the day of the watermark
-- column home_lat: Latitude of the home, degrees
-- column home_lon: Longitude of the home, degrees
-- column weekly_hours: Capacity, hours a week
-- column manager_id: The manager
-- column active_from: First day of work
-- column active_to: Last day of work, included; null is open
-- column skills: Skills of the rep
-- column occurred_at: Time of that event (UTC)
WITH (SELECT toDate32(as_of) FROM watermark) AS today
SELECT
    rep_id,
    ifNull(toString(region_id), assumeNotNull((SELECT base_region FROM business))) AS region_id,
    ifNull(active_from <= today, 1) AND ifNull(active_to >= today, 1) AS active,
    home_lat, home_lon, weekly_hours, manager_id, active_from, active_to, skills, occurred_at
FROM reps FINAL
ORDER BY rep_id, occurred_at DESC, offset DESC
LIMIT 1 BY rep_id
