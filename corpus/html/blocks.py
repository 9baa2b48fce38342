"""A page as flat lists: its paragraphs in reading order, with their surroundings.

`flatten` makes them of the tree: every run of inline text is a `Block`, with the elements around it
(by number), the furniture it lies in, and how much of it is links. Everything later works on these
lists, never on the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.html.block_texts import words_of

MAX_BLOCKS = 250_000
"""The most blocks that one page may have; a page of 20 MB of news has a tenth of them."""

LEAVES = frozenset(("p", "li", "dd", "dt", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"))
"""Elements that are one paragraph, whatever lies around them."""

MAX_DEPTH = 2000
"""The deepest that elements may be nested: the parser stops a little further down."""

SWALLOWED_PARAGRAPHS = 3
"""A button or menu with as many paragraphs is one that was never closed."""


@dataclass(slots=True)
class Mark:
    """An element that looks like boilerplate: its number and the kind."""

    node: int
    kind: str


@dataclass(slots=True)
class Node:
    """A block-level element: its parent's number, tag, and rank as a container of the article.

    Elements are numbered in the order of their start tags: those inside one have the numbers from
    its own to before `end`.
    """

    parent: int
    tag: str
    names: str
    rank: int
    depth: int
    end: int = 0


@dataclass(slots=True)
class Block:
    """One paragraph, heading, list item or cell.

    `size` is its length, and `prose` the same where it reads like sentences without many links,
    else 0. `kind` is "p", "h", "li", "quote", "cell" or "pre"; `node` the number of the element
    around it; `link` the characters that are link text; `marks` the numbers of the marks around it,
    outermost first; `italic` the characters set in italics; `image` tells that a picture stands
    between it and the block before; `holder` is the number of the element that holds the paragraph
    and those beside it. `tag` and `names` (class and id) are those of the element `node`.
    """

    text: str
    kind: str
    node: int
    link: int
    marks: tuple[int, ...]
    tag: str
    names: str
    image: bool
    holder: int
    italic: int
    size: int
    prose: int

    @property
    def link_density(self) -> float:
        """The share of the text that is links, 0 to 1."""
        return min(1.0, self.link / len(self.text))


@dataclass(slots=True)
class Flat:
    """A page as flat lists; `Block.node`, `Block.marks` and `Node.parent` index into them."""

    nodes: list[Node] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def normal(text: str) -> str:
    """Return a text's words, lower-cased, for comparing what differs in punctuation only."""
    return " ".join(words_of(text.lower()))
