"""Read one news page: from bytes to the fields of an article.

`decoding` turns bytes into text, `tree` parses it within bounds, and `declared` gathers what the
page says of itself (with `structured`). `blocks` flattens the tree into paragraphs with their
surroundings; `container` finds the element that holds the article (with `prose` and `wrappers`),
`furniture` and `trimming` drop what does not belong, and `body` decides between that, the
publisher's own text (`agreement`) and trafilatura. `headline`, `standfirst`, `bylines`, `moments`,
`keywords` and `publisher` pick one field each and say where it came from.

What publishers change often is data: the names of their classes in `selectors`, the wording of
their furniture in `phrases`.
"""
