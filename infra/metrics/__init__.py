"""What operations sees of a running Terradrift: the catalogue of metrics and how they are offered to Prometheus."""
