"""What was asked? Query syntax, its parser, and trees of ``whoosh.query``."""
