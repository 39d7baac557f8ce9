"""The pure stages: records in, output out. No clock, no I/O; edges act on what they return."""
