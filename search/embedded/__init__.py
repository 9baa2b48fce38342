"""The embedded engine: queries compiled to array operations over the segments of an archive."""
