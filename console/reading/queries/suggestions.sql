-- Suggestions as they stand; waiting ones first, and of these the most worth for each EUR of potential disturbed.
SELECT *
FROM suggestions_now
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
    AND (empty({statuses:Array(String)}) OR has({statuses:Array(String)}, status))
    AND ({region:String} = '' OR region_id = {region:String})
    AND ({suggestion_id:String} = '' OR suggestion_id = {suggestion_id:String})
    AND ({alert_id:String} = '' OR has(alert_ids, {alert_id:String}))
ORDER BY status != 'proposed', if(status = 'proposed', worth_eur / greatest(potential_moved_eur, 1), 0) DESC, created_on DESC, suggestion_id
LIMIT {limit:UInt32}
