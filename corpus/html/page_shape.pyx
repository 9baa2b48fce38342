"""What a page is made of, seen from afar: headings that are links, runs of sentences."""

from libc.string cimport strcmp

from corpus.html.nodes cimport (
    XML_ELEMENT_NODE, _Element, attribute, is_text, next_inside, string, text_of, xmlNode,
)

__all__ = ["page_shape"]

cdef frozenset _BESIDE = frozenset(
    ("nav", "aside", "footer", "form", "script", "style", "noscript", "template")
)
cdef frozenset _HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
# Characters of a text that is counted as a sentence, and those of a heading that are read.
cdef enum:
    SENTENCE = 30
    LONGEST_HEADING = 300


def page_shape(_Element root):
    """Return how many headings are links, the most characters of sentences without such a heading
    between them, the texts of the first two other headings, and how many fields take a password.
    """
    cdef xmlNode* top = root._c_node
    cdef xmlNode* at = top
    cdef Py_ssize_t run = 0, longest = 0, beside = 0, linked = 0
    cdef int teasers = 0, passwords = 0
    heads = []
    while at != NULL:
        if is_text(at):
            if not beside and not linked:
                text = text_of(at)
                if len(text) >= SENTENCE:
                    run += len(text.strip())
                    longest = max(longest, run)
        elif at.type == XML_ELEMENT_NODE:
            tag = string(at.name)
            if tag in _BESIDE:
                beside += 1
            elif tag == "a":
                linked += 1
            elif tag == "input":
                passwords += (attribute(at, "type") or "").lower() == "password"
            elif tag in _HEADINGS and not beside:
                if _is_link(at):
                    teasers += 1
                    run = 0
                elif len(heads) < 2:
                    heads.append(_text_inside(at)[:LONGEST_HEADING])
            if at.children != NULL:
                at = at.children
                continue
            beside -= tag in _BESIDE
            linked -= tag == "a"
        while at != top and at.next == NULL:
            at = at.parent
            tag = string(at.name)
            beside -= tag in _BESIDE
            linked -= tag == "a"
        at = at.next if at != top else NULL
    return teasers, longest, heads, passwords


cdef str _text_inside(xmlNode* element):
    cdef xmlNode* at = element
    texts = []
    while (at := next_inside(at, element)) != NULL:
        if is_text(at):
            texts.append(text_of(at))
    return "".join(texts)


cdef bint _is_link(xmlNode* heading) except -1:
    """Tell a heading that leads elsewhere: it is in a link, or begins with one."""
    cdef xmlNode* at = heading
    if heading.parent.type == XML_ELEMENT_NODE and strcmp(<const char*> heading.parent.name, "a") == 0:
        return True
    while (at := next_inside(at, heading)) != NULL:
        if at.type == XML_ELEMENT_NODE and strcmp(<const char*> at.name, "a") == 0:
            address = attribute(at, "href") or ""
            return address != "" and not address.startswith("#")
    return False
