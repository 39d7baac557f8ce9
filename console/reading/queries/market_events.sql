-- The latest market events of a time, in a region or without one. Those of no region may be anywhere: the reader asks how far.
SELECT market_event_id, kind, toDate32(occurred_at) AS day, ifNull(toString(account_id), '') AS account_id, ifNull(toString(region_id), '') AS region_id, lat, lon, radius_km, note
FROM (SELECT * FROM market_events FINAL ORDER BY market_event_id, occurred_at DESC LIMIT 1 BY market_event_id)
WHERE toDate32(occurred_at) >= {first:Date32} AND toDate32(occurred_at) <= {last:Date32}
    AND (region_id IS NULL OR region_id = {region:String})
    AND ({every_region:UInt8} OR has({regions:Array(String)}, {region:String})) AND {own_rep:String} = ''
ORDER BY occurred_at DESC
LIMIT 1000
