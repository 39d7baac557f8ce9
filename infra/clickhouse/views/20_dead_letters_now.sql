-- about: Every dead letter with what became of it: how often it was sent again, and the outcome of the last time
-- column replays: How often it was sent again; 0 is an open letter
-- column replay_outcome: Outcome of the last attempt (sending, sent, accepted, repetition or refused), or empty
-- column replay_detail: What is to be said of that outcome, or empty
-- column replayed_at: When the last attempt began (UTC); null for an open letter
SELECT
    letters.*,
    attempts.n AS replays,
    attempts.outcome AS replay_outcome,
    attempts.detail AS replay_detail,
    if(attempts.n = 0, NULL, attempts.started)::Nullable(DateTime64(3, 'UTC')) AS replayed_at
FROM (SELECT * FROM dead_letters FINAL) AS letters
LEFT JOIN
(
    SELECT
        dead_letter_id, count() AS n, argMax(outcome, started_at) AS outcome, argMax(detail, started_at) AS detail,
        max(started_at) AS started
    FROM dead_letter_replays FINAL
    GROUP BY dead_letter_id
) AS attempts ON letters.dead_letter_id = attempts.dead_letter_id
