"""A company's files on their way in: a folder of CSV files, and how its columns are called, become a feed."""
