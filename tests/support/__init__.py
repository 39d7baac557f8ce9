"""Drivers and builders that tests share."""
