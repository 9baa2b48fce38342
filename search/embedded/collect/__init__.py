"""What is counted and kept? Totals, facets, the best."""
