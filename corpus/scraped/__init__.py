"""The layout of news pages scraped to plain text, taken apart line by line.

`stamp` reads the first line, `lines` tells what a line is by itself, `header` finds caption,
headline, credit, section and topic above the text, `body` parts the text from what is embedded
in it. `corpus.readers.scraped` puts them together.
"""
