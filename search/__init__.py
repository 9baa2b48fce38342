"""Searching: from a `Request` to an `Answer`, on either engine."""
