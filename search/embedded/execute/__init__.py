"""Which articles match, and how well? Operations on arrays."""
