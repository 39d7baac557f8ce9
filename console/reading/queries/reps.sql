-- The reps of a region with home and name.
SELECT r.rep_id AS rep_id, n.name AS name, r.region_id AS region_id, r.active AS active, r.home_lat AS lat, r.home_lon AS lon, r.weekly_hours AS weekly_hours
FROM reps_now AS r
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'rep' GROUP BY id) AS n ON r.rep_id = n.id
WHERE ({region:String} = '' OR r.region_id = {region:String})
    AND ({every_region:UInt8} OR has({regions:Array(String)}, r.region_id)) AND ({own_rep:String} = '' OR r.rep_id = {own_rep:String})
ORDER BY r.rep_id
