"""What the queries answer, by what it speaks of; the same objects fill the pages and, as JSON, the API."""
