"""How is a printed page put in order? Scanned lines, pages, parts, and clippings."""
