-- name: Length of lists
-- question: Which lists that people choose from have grown too long to be chosen from with care?
-- formula: #{lists with more than 20 different entries in use} / #{lists}, one row a list
-- grain: company × list
-- subject: company
-- owner: sales operations
-- caveats: An entry is in use if a visit report or a deal of the 365 days before the watermark has it, or an account or rep has it now. Entries
--   that differ in their spelling alone are different ones: that is what a long list is often made of.
-- column list: outcomes (of visits), sources (of deals) or skills (of accounts and reps)
-- column entries: Different entries in use
-- column numerator: 1 for a list of more than 20
-- column denominator: 1
SELECT
    'company' AS grain, list,
    (SELECT as_of FROM watermark) AS as_of,
    uniqExact(entry) AS entries,
    toUInt64(entries > 20) AS numerator,
    toUInt64(1) AS denominator,
    numerator / denominator AS value
FROM
(
    SELECT 'outcomes' AS list, toString(outcome) AS entry FROM visits WHERE occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(365) GROUP BY entry
    UNION ALL
    SELECT 'sources' AS list, toString(source) AS entry FROM opportunities WHERE occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(365) GROUP BY entry
    UNION ALL
    SELECT 'skills' AS list, toString(arrayJoin(skills)) AS entry FROM accounts_now WHERE active
    UNION ALL
    SELECT 'skills' AS list, toString(arrayJoin(skills)) AS entry FROM reps_now WHERE active
)
WHERE entry NOT IN ('', 'none')
GROUP BY list
