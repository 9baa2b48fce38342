"""One module a format; each turns bytes into `Article` values and knows its own by content."""
