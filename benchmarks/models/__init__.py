"""What the models achieve on real data, beside what else could be used."""
