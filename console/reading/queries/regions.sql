-- The regions somebody sees.
SELECT region_id, count() AS reps FROM reps_now
WHERE active AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
GROUP BY region_id ORDER BY region_id
