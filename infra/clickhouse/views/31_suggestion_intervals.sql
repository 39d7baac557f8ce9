-- about: Between which values the figures of a suggestion lie with a probability of 80 %, given how sure the potentials are, one row a figure
-- column suggestion_id: The suggestion
-- column revision: The revision the row belongs to
-- column status: State of the suggestion
-- column figure: The figure, named as the field of the suggestion or of the effect on a rep
-- column low: A tenth of the sampled potentials give less; EUR a year where figure ends in _eur, else a share
-- column high: A tenth of the sampled potentials give more, likewise
SELECT
    region_id, suggestion_id, revision, status, as_of,
    told.figure AS figure, told.rep_id AS rep_id, told.low AS low, told.high AS high
FROM suggestions_now
ARRAY JOIN intervals AS told
