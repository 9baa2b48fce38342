"""Indexing: from `Article` values to a committed, checksummed generation of the index."""
