"""The fast path: check, deduplicate and fold orders and visits into account days."""
