-- Active accounts that look like the same one: the same name in the same town, or in none.
SELECT any(n.name) AS name, any(a.city) AS city, a.region_id AS region_id, arraySort(groupArray(a.account_id)) AS accounts
FROM accounts_now AS a
INNER JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON a.account_id = n.id
WHERE a.active AND n.name != '' AND ({every_region:UInt8} OR has({regions:Array(String)}, a.region_id)) AND {own_rep:String} = ''
GROUP BY a.region_id, lowerUTF8(trimBoth(n.name)), lowerUTF8(trimBoth(a.city))
HAVING count() > 1
ORDER BY length(accounts) DESC, name, city
LIMIT 50
