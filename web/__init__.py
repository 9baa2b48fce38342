"""The reading room: pages, API and feeds over an engine."""
