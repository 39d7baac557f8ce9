"""Measured claims, each reproducible by one command; RESULTS.md keeps what was measured."""
