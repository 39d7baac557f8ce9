"""Kafka as an administrator sees it: topics as declared, and the cluster's identity."""
