"""The streaming engine against its goals: cost per event beside its peers, scale, latency, recovery, memory."""
