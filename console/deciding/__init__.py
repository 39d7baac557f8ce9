"""What people decide: made into an event, sent to Kafka, and awaited for a moment."""
