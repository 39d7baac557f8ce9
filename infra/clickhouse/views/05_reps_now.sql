-- about: Reps as their latest event says; each active one has a territory, even an empty one
-- column active: Whether the rep works on the day of the watermark
WITH (SELECT toDate32(as_of) FROM watermark) AS today
SELECT
    rep_id,
    ifNull(toString(region_id), assumeNotNull((SELECT base_region FROM business))) AS region_id,
    ifNull(active_from <= today, 1) AND ifNull(active_to >= today, 1) AS active,
    home_lat, home_lon, weekly_hours, seniority, manager_id, active_from, active_to, absent_from, absent_to, skills, occurred_at
FROM reps FINAL
ORDER BY rep_id, occurred_at DESC, offset DESC
LIMIT 1 BY rep_id
