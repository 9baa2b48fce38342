"""Read one news page: from bytes to the fields of an article.

`decoding` turns bytes into text and `tree` parses it within bounds. `straining` walks the tree for
what declares something, `declarations` builds a soup of that, and `declared` gathers it (with
`structured`). `flatten` makes `blocks` of the tree, paragraphs with their surroundings, `features`
describes each by numbers (with `block_texts` and `block_places`), `model` gives each its chance to
be text, and `choice` takes the set that promises most. `container` finds the element that holds
them, `boilerplate` takes off what is not the article (words for it are data, in `selectors` and in
the files that `patterns` reads), and `body` puts this together; where a page shows little,
`page_state` looks for the text in what its scripts carry.
`headline`, `standfirst`, `dates`, `keywords` and `publisher` pick one field each and say where it
came from; `bylines` gathers who may have written it, and `byline_choice` chooses by a model.
"""
