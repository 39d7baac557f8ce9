-- name: Opportunities by week
-- question: How many deals did each territory open, win and lose, week by week?
-- formula: deals won / (won + lost) of a calendar week; created, won and lost are distinct opportunities by stage
-- grain: week × company, region, territory
-- made: every hour
-- subject: conduct
-- owner: sales direction
-- caveats: The weeks from Monday that lie whole in the 365 days before the watermark, and a week without any deal has no row. By the owner on the day of the
--   stage, and as-is by the present one; region of the account now. A deal lost and won later in the same week is in both counts.
-- column week: The week, by its Monday
-- column created: Opportunities opened
-- column won: Opportunities won
-- column lost: Opportunities lost
-- column created_as_is: Opened on accounts the present owner has
-- column numerator_as_is: Won on these accounts
-- column denominator_as_is: Won or lost on these accounts
-- column value_as_is: numerator_as_is / denominator_as_is
SELECT
    week,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    uniqExactIf(opportunity_id, stage = 'open' AND side = 'as_was') AS created,
    uniqExactIf(opportunity_id, stage = 'won' AND side = 'as_was') AS won,
    uniqExactIf(opportunity_id, stage = 'lost' AND side = 'as_was') AS lost,
    won AS numerator,
    won + lost AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    uniqExactIf(opportunity_id, stage = 'open' AND side = 'as_is') AS created_as_is,
    uniqExactIf(opportunity_id, stage = 'won' AND side = 'as_is') AS numerator_as_is,
    numerator_as_is + uniqExactIf(opportunity_id, stage = 'lost' AND side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM
(
    SELECT toMonday(toDate32(d.occurred_at)) AS week, d.*
    FROM deals_owned AS d
    WHERE d.stage IN ('open', 'won', 'lost') AND week > toDate32((SELECT as_of FROM watermark)) - 365
        AND week + 7 <= toDate32((SELECT as_of FROM watermark))
)
GROUP BY GROUPING SETS ((week, region_id, rep_id), (week, region_id), (week))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)
