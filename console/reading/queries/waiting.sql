-- How many suggestions of the regions in sight wait for a decision.
SELECT count() AS waiting FROM suggestions_now
WHERE status = 'proposed' AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
