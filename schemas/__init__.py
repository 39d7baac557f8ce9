"""What is said: events, topics, rows, ids, errors and the settings of the business."""
