-- about: Stages of deals twice: with the rep who owned the account on the day (as-was), and with the one who owns it now (as-is)
-- column side: as_was or as_is; rows of both sides tell the same deals and must not be added
-- column opportunity_id: The opportunity in the system of the company
-- column stage: Stage reached: lead, open, won or lost
-- column amount: Value of the deal
-- column occurred_at: When the stage was reached (UTC)
-- column region_id: Present region of the account
-- column rep_id: Owner then, or present owner; empty when there was or is none
SELECT
    owner.1 AS side, o.opportunity_id AS opportunity_id, toString(o.stage) AS stage, o.amount AS amount, o.occurred_at AS occurred_at,
    toString(s.region_id) AS region_id, owner.2 AS rep_id
FROM (SELECT *, toDate32(occurred_at) AS day FROM opportunities FINAL) AS o
ASOF LEFT JOIN ownership AS h ON o.account_id = h.account_id AND o.day >= h.valid_from
LEFT JOIN account_state AS s ON o.account_id = s.account_id
ARRAY JOIN [('as_was', toString(h.rep_id)), ('as_is', toString(s.rep_id))] AS owner
