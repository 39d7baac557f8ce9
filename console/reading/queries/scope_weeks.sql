-- Closed weeks of what an alert speaks of: ordered against expected before the week was seen.
SELECT week, sum(actual_week_eur) AS observed_eur, sum(expected_week_eur) AS expected_eur
FROM potentials FINAL
WHERE region_id = {region:String} AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
    AND week >= {first:Date32} AND week <= {last:Date32}
    AND multiIf(
        {scope:String} = 'account', account_id = {scope_id:String},
        {scope:String} = 'territory', rep_id = {scope_id:String},
        {scope:String} = 'segment', segment = {scope_id:String},
        {scope:String} = 'zone', has({accounts:Array(String)}, account_id),
        1)
GROUP BY week
ORDER BY week
