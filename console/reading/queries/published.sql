-- Whether figures of what reps did are told of the company, and of how many reps they must speak at least. As of now: a minute later the
-- figures follow.
SELECT (SELECT count() FROM published_scopes WHERE grain = 'company') > 0 AS conduct, ifNull((SELECT k_anonymity FROM business), 0) AS fewest
