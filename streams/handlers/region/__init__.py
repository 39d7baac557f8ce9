"""The region stage: a deterministic fold over one region's log. Learn, watch, rebalance."""
