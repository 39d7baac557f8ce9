"""What the console reads: typed answers from ClickHouse, never more than the reader's sight."""
