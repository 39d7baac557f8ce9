"""Changes of reps on their way to the CRM: a signed webhook, a CSV file, and a comparison of both sides."""
