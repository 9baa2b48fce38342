"""The tree of libxml2 that lies under lxml's elements, read in place.

A walk over it makes no object for an element, which is what most of the time of a walk over lxml's
elements goes into. Nothing here changes the tree; the caller keeps its root element alive.
"""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.string cimport strcmp, strlen
from lxml.includes.etreepublic cimport _Element
from lxml.includes.tree cimport (
    XML_CDATA_SECTION_NODE, XML_ELEMENT_NODE, XML_TEXT_NODE, const_xmlChar, xmlAttr, xmlNode,
)


cdef inline str string(const_xmlChar* raw):
    return PyUnicode_DecodeUTF8(<const char*> raw, strlen(<const char*> raw), "replace")


cdef inline bint is_text(xmlNode* node) noexcept:
    return node.type == XML_TEXT_NODE or node.type == XML_CDATA_SECTION_NODE


cdef inline str text_of(xmlNode* node):
    """Return the text of a text node."""
    return string(node.content) if node.content != NULL else ""


cdef inline str value_of(xmlAttr* one):
    return text_of(one.children) if one.children != NULL else ""


cdef inline const char* raw_attribute(xmlNode* element, const char* name) noexcept:
    """Return an attribute of an element as UTF-8, NULL when it has none."""
    cdef xmlAttr* one = element.properties
    while one != NULL and strcmp(<const char*> one.name, name):
        one = one.next
    if one == NULL:
        return NULL
    if one.children == NULL or one.children.content == NULL:
        return ""
    return <const char*> one.children.content


cdef inline str attribute(xmlNode* element, const char* name):
    """Return an attribute of an element, None when it has none."""
    cdef const char* raw = raw_attribute(element, name)
    return string(<const_xmlChar*> raw) if raw != NULL else None


cdef inline xmlNode* after(xmlNode* node, xmlNode* root) noexcept:
    """Return the node after `node` and all that is in it, in document order; NULL at the end."""
    while node != root:
        if node.next != NULL:
            return node.next
        node = node.parent
    return NULL


cdef inline xmlNode* next_inside(xmlNode* node, xmlNode* root) noexcept:
    """Return the next node inside `root` in document order; NULL at the end."""
    return node.children if node.children != NULL else after(node, root)
