"""Read one news page: from bytes to the fields of an article.

`decoding` turns bytes into text, `tree` parses it within bounds and `page` gathers what the page
declares about itself (`structured`, `meta`). `blocks` flattens the tree into paragraphs with
their surroundings, `container` finds the element that holds the article, `furniture` drops what
does not belong, and `body` decides between that, the structured data and trafilatura. `headline`,
`bylines`, `moments`, `keywords` and `publisher` pick one field each and say where it came from.
What publishers change often, the names of their classes, is data in `selectors`.
"""
