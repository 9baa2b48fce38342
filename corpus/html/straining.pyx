"""Walk a page's tree for what declares something, and feed that to Beautiful Soup.

Kept are the head's elements, JSON-LD, microdata, headings, times, links that say what they are for,
elements named after a byline, a date, a standfirst or a list of tags, and the elements around each
of these. Side bars, menus, comments and teasers are passed over.
"""

from functools import lru_cache

from libc.string cimport strcmp, strstr

from corpus.html.nodes cimport (
    XML_ELEMENT_NODE, _Element, after, attribute, is_text, next_inside, raw_attribute, string,
    text_of, value_of, xmlAttr, xmlNode,
)

__all__ = ["MAX_ELEMENTS", "MAX_INSIDE", "strain"]

# The most elements that are kept for themselves; pages of news have some tens.
MAX_ELEMENTS = 5000
# An element with more elements in it is no byline and no date: only what is in it may be.
MAX_INSIDE = 60

cdef frozenset _WHOLE = frozenset(("meta", "title", "h1", "h2", "time", "address", "abbr"))
cdef frozenset _SKIPPED = frozenset(
    ("style", "svg", "iframe", "noscript", "template", "select", "object", "math")
)
cdef frozenset _AROUND = frozenset(
    ("class", "id", "itemprop", "itemscope", "itemtype", "rel", "href", "lang", "xml:lang")
)
cdef frozenset _BESIDE_TAGS = frozenset(("aside", "nav"))
cdef frozenset _NEVER_BESIDE = frozenset(("body", "html", "article", "main"))
_BESIDE = (
    "comment", "discussion", "disqus", "sidebar", "related", "teaser", "recommend", "widget",
    "latest", "popular", "trending", "menu", "cloud", "cookie",
)
_NOT_BESIDE = ("elementor", "has-sidebar", "with-sidebar")
_STEMS = (
    "author", "autor", "auteur", "byline", "writer", "journalist", "contributor",
    "date", "datum", "fecha", "time", "pub", "posted", "created", "submitted", "stand",
    "meta", "subhe", "sub-he", "subti", "sub-ti", "dek", "deck", "lead", "lede",
    "intro", "summary", "excerpt", "abstract", "strapline", "bajada", "entradilla", "chapo",
    "chapeau", "vorspann", "ingress", "tags", "tag-", "keyword", "topic", "schlagw", "etiquet",
    "themen", "breadcrumb",
)
_TOLD_PATHS = (
    "/tag", "tag=", "keyword", "schlagw", "stichwort", "etiqueta", "/mot", "/tema/",
    "/author", "/autor", "/writer", "/people/", "/profile", "/staff", "/contributor", "/by/",
    "/team/",
)


def strain(_Element root, soup):
    """Feed what the tree below `root` declares to a soup that is being built.

    The tree stays as it is.
    """
    cdef xmlNode* top = root._c_node
    cdef xmlNode* at = top
    cdef xmlNode* above
    cdef int kept = 0
    cdef list opened = [], around
    _start(top, soup, False)
    opened.append(<size_t> top)
    while at != NULL:
        if at.type == XML_ELEMENT_NODE:
            tag = string(at.name)
            names = _names(at)
            beside, named = _names_say(names)
            if tag not in _SKIPPED and not (
                (beside or tag in _BESIDE_TAGS)
                and tag not in _NEVER_BESIDE
                and "readcrumb" not in names
                and not _holds_article(at)
            ):
                if kept >= MAX_ELEMENTS or not _declares(at, tag, named):
                    if at.children != NULL:
                        at = at.children
                        continue
                else:
                    kept += 1
                    around, above = [], at.parent
                    while <size_t> above != opened[len(opened) - 1]:
                        around.append(<size_t> above)
                        above = above.parent
                    while around:
                        opened.append(around.pop())
                        _start(<xmlNode*> <size_t> opened[len(opened) - 1], soup, False)
                    _copy(at, soup)
        while at != top and at.next == NULL:
            at = at.parent
            if opened[len(opened) - 1] == <size_t> at:
                opened.pop()
                soup.handle_endtag(string(at.name))
        at = at.next if at != top else NULL


cdef str _names(xmlNode* element):
    names, own = attribute(element, "class"), attribute(element, "id")
    return f"{names or ''} {own}" if own else names or ""


@lru_cache(maxsize=16384)
def _names_say(str names):
    """Return whether a class and id name what lies beside the article, and what declares."""
    cdef str word, lower = names.lower()
    beside = named = False
    if lower:
        for word in _STEMS:
            if word in lower:
                named = True
                break
        beside = any([word in lower for word in _BESIDE]) and not any(
            [word in lower for word in _NOT_BESIDE]
        )
    return beside, named


cdef bint _holds_article(xmlNode* element) except -1:
    """Tell what holds the article, whatever side bar or widget it is named after."""
    cdef xmlNode* at = element
    cdef const char* value
    while (at := next_inside(at, element)) != NULL:
        if at.type == XML_ELEMENT_NODE:
            if strcmp(<const char*> at.name, "h1") == 0:
                return True
            value = raw_attribute(at, "itemprop")
            if value != NULL and strcmp(value, "articleBody") == 0:
                return True
            value = raw_attribute(at, "class")
            if value != NULL and strstr(value, "entry-title") != NULL:
                return True
    return False


cdef bint _declares(xmlNode* element, str tag, bint named) except -1:
    """Tell whether an element says something about the article, and is no more than that."""
    cdef xmlNode* at = element
    cdef int inside = 0
    if tag in _WHOLE:
        return True
    if tag == "link":
        return "canonical" in (attribute(element, "rel") or "").lower()
    if tag == "script":
        return "json" in (attribute(element, "type") or "").lower()
    if not named and attribute(element, "itemprop") is None:
        if tag != "a":
            return False
        address = (attribute(element, "href") or "").lower()
        if not attribute(element, "rel") and not any([part in address for part in _TOLD_PATHS]):
            return False
    while (at := next_inside(at, element)) != NULL:
        inside += at.type == XML_ELEMENT_NODE
        if inside >= MAX_INSIDE:
            return False
    return True


cdef int _start(xmlNode* element, soup, bint whole) except -1:
    """Open an element; of those around others only what names them is kept."""
    cdef xmlAttr* one = element.properties
    cdef dict attributes = {}
    while one != NULL:
        name = string(one.name)
        if whole or name in _AROUND:
            attributes[name] = value_of(one)
        one = one.next
    soup.handle_starttag(string(element.name), None, None, attributes)


cdef int _copy(xmlNode* element, soup) except -1:
    """Feed an element with all that is in it."""
    cdef xmlNode* at = element
    while True:
        if is_text(at):
            text = text_of(at)
            if not text.isspace():  # texts are joined with blanks in any case
                soup.handle_data(text)
        elif at.type == XML_ELEMENT_NODE:
            if string(at.name) in _SKIPPED:
                soup.handle_data(" ")
            else:
                _start(at, soup, True)
                if at.children != NULL:
                    at = at.children
                    continue
                soup.handle_endtag(string(at.name))
        while at != element and at.next == NULL:
            at = at.parent
            soup.handle_endtag(string(at.name))
        if at == element:
            return 0
        at = at.next
