"""Alerts and suggestions reach people: what is due to whom (pure), mail and webhooks, and a memory of what was sent."""
