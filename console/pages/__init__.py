"""The pages, one module each: read, arrange, hand to a template."""
