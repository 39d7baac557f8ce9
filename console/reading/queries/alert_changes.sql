-- Every change of one alert, oldest first.
SELECT revision, as_of, state, severity, observed_eur, expected_eur, deviation_share, eur_at_risk
FROM alerts FINAL
WHERE alert_id = {alert_id:String} AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
ORDER BY revision
