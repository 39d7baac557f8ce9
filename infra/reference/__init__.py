"""The pages that are made of declarations, so that nothing is said twice: `python -m infra.reference` writes them all."""
