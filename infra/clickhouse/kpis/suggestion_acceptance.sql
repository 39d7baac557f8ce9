-- name: Suggestion acceptance
-- question: What share of the decided suggestions did managers accept as they were?
-- formula: accepted / (accepted + rejected + modified)
-- grain: window_days × company, region
-- subject: advice
-- owner: sales operations
-- caveats: By the first decision of each suggestion; one that was accepted and rolled back later stays accepted and is counted in rolled_back. Expired and snoozed ones are not decided.
-- column rejected: Rejected
-- column modified: Accepted with changes
-- column rolled_back: Decided ones that are rolled back by now
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(decision = 'approved') AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(decision = 'rejected') AS rejected,
    countIf(decision = 'modified') AS modified,
    countIf(status_now = 'rolled_back') AS rolled_back
FROM
(
    SELECT suggestion_id, any(region_id) AS region_id,
        argMinIf(status, revision, status IN ('approved', 'rejected', 'modified')) AS decision,
        minIf(as_of, status IN ('approved', 'rejected', 'modified')) AS decided_at,
        argMax(status, revision) AS status_now
    FROM suggestions FINAL
    GROUP BY suggestion_id
) AS s CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
WHERE decision != '' AND decided_at > starts_after AND decided_at <= ends
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
