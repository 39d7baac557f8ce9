-- Active accounts of which nobody knows where they are, by region.
SELECT region_id, countIf(lat IS NULL) AS without_place, count() AS accounts, groupArrayIf(5)(account_id, lat IS NULL) AS examples
FROM (SELECT region_id, account_id, lat FROM accounts_now WHERE active ORDER BY account_id)
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
GROUP BY region_id
ORDER BY region_id
