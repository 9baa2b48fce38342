"""How do results leave? CSV, JSON, citations."""
