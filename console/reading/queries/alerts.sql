-- Alerts as they stand, by the filters given; an empty filter lets everything through.
SELECT *, (SELECT toDate32(as_of) FROM watermark) AS today
FROM alerts_now
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
    AND (empty({states:Array(String)}) OR has({states:Array(String)}, state))
    AND ({severity:String} = '' OR severity = {severity:String})
    AND ({cause_class:String} = '' OR cause_class = {cause_class:String})
    AND ({scope:String} = '' OR scope = {scope:String})
    AND ({region:String} = '' OR region_id = {region:String})
    AND ({alert_id:String} = '' OR alert_id = {alert_id:String})
ORDER BY state IN ('resolved', 'normal'), indexOf(['critical', 'warning', 'info'], toString(severity)), abs(eur_at_risk) DESC, alert_id
LIMIT {limit:UInt32}
