"""One pass over a page's tree: every run of inline text becomes a block (`blocks`).

An element is entered, its text taken, its children walked, and left: what is opened at its start is
restored at its end. Two line breaks in a row end a paragraph as a `<p>` does.
"""

import re

from corpus.core.errors import UnreadableError
from corpus.html.blocks import (
    LEAVES, MAX_BLOCKS, MAX_DEPTH, SWALLOWED_PARAGRAPHS, Block, Flat, Mark, Node,
)
from corpus.html.prose import prose_size, size
from corpus.html.selectors import (
    BLOCKING_TAGS, CONTAINER_ARTICLE, CONTAINER_DECLARED, CONTAINER_MAIN, INLINE_TAGS,
    SKIPPED_TAGS, TEXTLESS_TAGS, what_names_say,
)

from libc.string cimport strlen

from corpus.html.nodes cimport (
    XML_ELEMENT_NODE, _Element, after, attribute, is_text, next_inside, string, text_of, xmlNode,
)

__all__ = ["flatten"]

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_KIND_OF_TAG = {
    **dict.fromkeys(_HEADINGS, "h"), **dict.fromkeys(("li", "dd", "dt"), "li"),
    **dict.fromkeys(("td", "th"), "cell"), "blockquote": "quote", "pre": "pre",
}
_PLAIN_TAGS = frozenset(("p", "div", "center", "font", "section"))
# Elements whose id is made from their text, or numbered, and says nothing about their kind.
_SLUGGED = _HEADINGS | {"p", "li", "a", "body"}
_UNRANKED = frozenset(("p", "li", "ul", "body", "a"))
_PICTURES = frozenset(("img", "picture", "amp-img"))
_ITALIC = frozenset(("em", "i", "small"))
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_REFERENCE = re.compile(r"[\[(]?(?:\d{1,3}|[a-z*†‡])[\])]?")
_DECLARED_BODY = re.compile(r"(?:^|[\s:])articleBody(?:\s|$)|^content:encoded$")
_BESIDE_ROLES = frozenset(
    ("navigation", "complementary", "contentinfo", "banner", "search", "dialog")
)
_BYLINE_ITEMS = frozenset(("author", "datePublished", "dateModified", "publisher", "keywords"))
_NAMED_OTHERWISE = frozenset(("header", "figure", "table", "form", "details"))
_BREAK = "\x1e"
_LONGEST_BYLINE = 200
_BLANKS = " \t\r\n\xa0"
_SENTENCE_END = tuple(".!?…”\"'»)。！？")

cdef enum:
    INLINE, LINK, ITALIC, PARKED, BLOCK

cdef enum:
    LONGEST_LINK = 600  # bytes of text; cards that are links as a whole have some hundreds


cdef class _TextRun:
    """Inline text being gathered."""
    cdef list pieces
    cdef Py_ssize_t link, italic
    cdef bint image
    cdef str kind

    def __init__(self):
        self.pieces, self.link, self.italic, self.image, self.kind = [], 0, 0, False, ""

    cdef bint has_words(self) except -1:
        return any([not piece.isspace() for piece in self.pieces[-4:]])


cdef class _Walk:
    """The state of a walk: what is opened, and the run of text being gathered."""
    cdef list nodes, marks, blocks, parked, opened
    cdef _TextRun run
    cdef Py_ssize_t node, in_link, in_italic
    cdef tuple around

    def __init__(self, flat):
        self.nodes, self.marks, self.blocks = flat.nodes, flat.marks, flat.blocks
        self.parked, self.opened, self.around = [], [], ()
        self.run = _TextRun()
        self.node = self.in_link = self.in_italic = 0

    cdef bint enter(self, xmlNode* element) except -1:
        """Open an element; False for one without text of its own."""
        cdef str tag = string(element.name), names, own, named, kind
        cdef int rank
        cdef int what = INLINE
        if tag == "br":
            self.run.pieces.append(_BREAK)
            return False
        if tag == "hr":
            self.flush()
            return False
        if tag in SKIPPED_TAGS and not _swallows(tag, element):
            return False
        if tag == "sup" and _is_reference(element):
            return False
        if tag in _PICTURES:
            self.run.image = True
        names = attribute(element, "class") or ""
        if tag not in _SLUGGED and (own := attribute(element, "id")) is not None:
            names = f"{names} {own}"
        if names and (tag != "a" or "note" in names.lower()):  # links are marked as notes only
            named, rank = what_names_say(names)
        else:
            named, rank = "", 0
        kind = _marked(tag, named, element)
        outer = (self.node, self.around)
        holder = self.nodes[self.node].tag
        if tag in INLINE_TAGS or ("-" in tag and holder in LEAVES):  # as browsers take any new tag
            is_byline = kind == "byline" or (self.run.kind and kind in ("caption", "credit"))
            if is_byline and self.run.has_words():
                self.run.kind = "byline"  # 'By <span class="author">Jane Doe</span>' is one line
                self.run.pieces.append(" ")
            elif kind and holder != "pre" and (tag != "a" or kind == "footnote"):
                self.parked.append(self.run)
                self.run = _TextRun()
                self.mark(kind)
                what = PARKED
            elif tag == "a":
                if not _holds_a_text(element):
                    self.in_link += 1
                    what = LINK
            elif tag in _ITALIC:
                self.in_italic += 1
                what = ITALIC
        else:
            self.flush()
            what = BLOCK
            depth = self.nodes[self.node].depth + 1
            self.nodes.append(Node(self.node, tag, names, _rank(tag, rank, element), depth))
            self.node = len(self.nodes) - 1
            if kind:
                self.mark(kind)
        self.opened.append((what, *outer))
        if len(self.opened) > MAX_DEPTH:
            raise UnreadableError(
                f"the page's markup is nested deeper than {MAX_DEPTH:,}; leave it out"
            )
        return True

    cdef int mark(self, str kind) except -1:
        self.marks.append(Mark(self.node, kind))
        self.around = (*self.around, len(self.marks) - 1)

    cdef int take(self, str text) except -1:
        self.run.pieces.append(text)
        if self.in_link or self.in_italic:
            length = len(text.strip())
            if self.in_link:
                self.run.link += length
            if self.in_italic:
                self.run.italic += length

    cdef int leave(self) except -1:
        what, node, around = self.opened.pop()
        if what == BLOCK:
            self.flush()
            self.nodes[self.node].end = len(self.nodes)
            self.node = node
        elif what == PARKED:
            self.flush()
            self.run = self.parked.pop()
        elif what == LINK:
            self.in_link -= 1
        elif what == ITALIC:
            self.in_italic -= 1
        self.around = around

    cdef int flush(self) except -1:
        """Make blocks of the text that was gathered."""
        cdef _TextRun run = self.run
        cdef Py_ssize_t link = run.link, italic = run.italic, holder = self.node
        cdef str raw, text
        if not run.pieces:
            return 0
        raw = "".join(run.pieces)
        run.pieces.clear()
        run.link = run.italic = 0
        if raw.isspace():
            return 0
        image, run.image = run.image, False
        around, kind, run.kind = self.around, run.kind, ""
        if kind and len(raw) <= _LONGEST_BYLINE:
            self.mark(kind)
        element = self.nodes[self.node]
        kind = self.kind_of_block()
        while self.nodes[holder].tag in LEAVES and self.nodes[holder].parent >= 0:
            holder = self.nodes[holder].parent
        parts = _paragraphs(raw) if _BREAK in raw else [" ".join(raw.split())]
        total = sum(map(len, parts)) or 1
        for text in parts:
            if text:
                share = len(text) / total
                linked, length = round(link * share), size(text)
                is_prose = kind != "h" and 2 * linked <= len(text)
                self.blocks.append(
                    Block(
                        text, kind, self.node, linked, self.around, element.tag, element.names,
                        image, holder, round(italic * share), length,
                        prose_size(text, length) if is_prose else 0,
                    )
                )
        self.around = around
        if len(self.blocks) > MAX_BLOCKS:
            raise UnreadableError(
                f"the page has more than {MAX_BLOCKS:,} paragraphs; split it or leave it out"
            )

    cdef str kind_of_block(self):
        cdef Py_ssize_t node = self.node
        for _ in range(4):
            tag = self.nodes[node].tag
            if tag in _KIND_OF_TAG:
                return _KIND_OF_TAG[tag]
            if tag not in _PLAIN_TAGS or self.nodes[node].parent < 0:
                break
            node = self.nodes[node].parent
        return "p"


def flatten(_Element root):
    """Return the blocks of a page below `root`, in reading order, as `Flat`.

    Raises UnreadableError when there are more than `MAX_BLOCKS`, or they are nested deeper than
    `MAX_DEPTH`.
    """
    cdef xmlNode* top = root._c_node
    cdef xmlNode* at = top
    flat = Flat(nodes=[Node(-1, "html", "", 0, 0)])
    cdef _Walk walk = _Walk(flat)
    while at != NULL:
        if is_text(at):
            walk.take(text_of(at))
        elif at.type == XML_ELEMENT_NODE and walk.enter(at):
            if at.children != NULL:
                at = at.children
                continue
            walk.leave()
        while at != top and at.next == NULL:
            at = at.parent
            walk.leave()
        at = at.next if at != top else NULL
    walk.flush()
    flat.nodes[0].end = len(flat.nodes)
    return flat


cdef int _rank(str tag, int rank, xmlNode* element) except -1:
    cdef const char* name
    for name in (b"itemprop", b"property", b"name"):
        if (value := attribute(element, name)) and _DECLARED_BODY.search(value):
            return CONTAINER_DECLARED
    if tag in _UNRANKED:
        rank = 0
    role = attribute(element, "role")
    if tag == "article" or role == "article":
        return max(rank, CONTAINER_ARTICLE)
    return max(rank, CONTAINER_MAIN) if tag == "main" or role == "main" else rank


cdef bint _holds_a_text(xmlNode* link) except -1:
    """Tell a link without its end tag, or one around a whole text."""
    cdef xmlNode* at = link.children
    cdef size_t length = 0
    while at != NULL and length < LONGEST_LINK:
        if is_text(at) and at.content != NULL:
            length += strlen(<const char*> at.content)
        elif at.type == XML_ELEMENT_NODE and string(at.name) in TEXTLESS_TAGS:
            at = after(at, link)
            continue
        at = next_inside(at, link)
    return length >= LONGEST_LINK


cdef bint _swallows(str tag, xmlNode* element) except -1:
    """Tell an element without its end tag: a button in which the rest of the page lies."""
    cdef xmlNode* at = element
    cdef int many = 0
    if tag in TEXTLESS_TAGS:
        return False
    if tag == "template" and attribute(element, "shadowrootmode") is not None:
        return True
    while (at := next_inside(at, element)) != NULL:
        if at.type == XML_ELEMENT_NODE:
            name = string(at.name)
            many += name == "p"
            if many >= SWALLOWED_PARAGRAPHS or name in ("h1", "article", "main"):
                return True
    return False


cdef bint _is_reference(xmlNode* element) except -1:
    """Tell whether a `<sup>` is a link to a footnote, not part of a word or number."""
    cdef xmlNode* at = element
    texts, has_link = [], False
    while (at := next_inside(at, element)) != NULL:
        if is_text(at):
            texts.append(text_of(at))
        else:
            has_link = has_link or string(at.name) == "a"
    return has_link and _REFERENCE.fullmatch("".join(texts).strip()) is not None


cdef str _marked(str tag, str named, xmlNode* element):
    """Return the kind of boilerplate that an element says it is, "" for none."""
    cdef str kind
    if tag == "template" and attribute(element, "shadowrootmode") is None:
        return "hidden"
    if attribute(element, "hidden") is not None or attribute(element, "aria-hidden") == "true":
        return "hidden"
    if (style := attribute(element, "style")) and _HIDDEN_STYLE.search(style):
        return "hidden"
    if attribute(element, "role") in _BESIDE_ROLES:
        return "nav"
    if item := attribute(element, "itemprop"):
        if "comment" in item.lower():
            return "comments"
        if item in _BYLINE_ITEMS:
            return "byline"
        if item == "caption":
            return "caption"
    if tag in BLOCKING_TAGS:
        kind = BLOCKING_TAGS[tag]
        return named or kind if kind in _NAMED_OTHERWISE else kind
    return named if tag not in ("body", "html") else ""


cdef list _paragraphs(str raw):
    """Split at two line breaks, and at one that follows a full sentence or a short line."""
    cdef list paragraphs = [], lines = []
    cdef Py_ssize_t length = 0
    cdef str line, text, last = ""
    gap = True
    for line in raw.split(_BREAK):
        text = " ".join(line.split())
        if not text:
            gap = True
            continue
        if (
            gap
            or line.lstrip(_BLANKS).startswith("\u3000")  # how Chinese and Japanese indent
            or (length > 120 and last.endswith(_SENTENCE_END))
            # Lines of a byline, an address, a poem.
            or (len(last) < 60 and not last.endswith((",", "-")) and not text[0].islower())
        ):
            lines = [text]
            paragraphs.append(lines)
            length = 0
        else:
            lines.append(text)
        length += len(text)
        last, gap = text, False
    return [" ".join(lines) for lines in paragraphs]
