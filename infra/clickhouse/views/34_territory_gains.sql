-- about: What each territory gained and lost in 90 days because accounts changed hands: what it holds now less this is what it would hold had nothing moved
-- column rep_id: The rep of the territory
-- column gained_eur: Potential of today of the accounts that came, less that of those that went, EUR
SELECT rep_id, sum(eur) AS gained_eur
FROM
(
    SELECT toString(rep_now) AS rep_id, potential_eur AS eur FROM relation_windows WHERE window_days = 90 AND rep_then != rep_now
    UNION ALL
    SELECT toString(rep_then) AS rep_id, -potential_eur AS eur FROM relation_windows WHERE window_days = 90 AND rep_then != rep_now
)
WHERE rep_id != ''
GROUP BY rep_id
