-- about: Which colleague stands in for an absent rep on the day of the watermark; the account stays in the rep's territory
-- column rep_id: Who stands in
-- column covered_for: The rep who is absent
-- column valid_from: Since when
WITH (SELECT toDate32(as_of) FROM watermark) AS today
SELECT account_id, region_id, to_rep AS rep_id, from_rep AS covered_for, valid_from
FROM
(
    SELECT account_id, region_id, to_rep, from_rep, kind, valid_from
    FROM assignment_changes FINAL
    WHERE kind IN ('cover', 'cover_end') AND valid_from <= today
    ORDER BY account_id, valid_from DESC, as_of DESC, kind DESC
    LIMIT 1 BY account_id
)
WHERE kind = 'cover'
