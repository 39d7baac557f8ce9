-- about: Who owns which account on the day of the watermark (as-is)
-- column rep_id: The rep; empty while the account has none
-- column valid_from: Since when
-- column source: Where the assignment comes from
WITH (SELECT toDate32(as_of) FROM watermark) AS today
SELECT account_id, rep_id, valid_from, source
FROM assignments_history
WHERE valid_from <= today AND valid_to > today
