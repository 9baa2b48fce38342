"""Which days does a reader mean? Dates in queries."""
