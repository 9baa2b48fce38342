"""What a page says of itself in structured data: JSON-LD and microdata, by schema.org.

JSON-LD comes as single objects, lists and `@graph`s with references (`@id`); `json_ld` parses what
is broken in it. Depth, number and size are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bs4 import Tag

from corpus.html.declarations import attribute
from corpus.html.json_ld import parse_json_ld

Node = Mapping[str, Any]

ARTICLE_TYPES = {
    "newsarticle": 10, "reportagenewsarticle": 10, "analysisnewsarticle": 10,
    "opinionnewsarticle": 10, "reviewnewsarticle": 10, "backgroundnewsarticle": 10,
    "askpublicnewsarticle": 10, "liveblogposting": 9, "blogposting": 9, "article": 9,
    "advertisercontentarticle": 8, "satiricalarticle": 8, "scholarlyarticle": 7, "techarticle": 7,
    "report": 7, "medicalscholarlyarticle": 7, "socialmediaposting": 5, "videoobject": 0,
    "review": 4, "recipe": 3, "interview": 4, "discussionforumposting": 3, "creativework": 2,
    "webpage": 1, "itempage": 1,
}  # fmt: skip
"""schema.org types that describe the page's article, lower-cased, by how surely they do."""

_OTHERS = frozenset(("liveBlogUpdate", "comment", "hasPart", "citation", "mentions", "about"))
"""Keys under which other things than the page's article are described."""

MAX_SCRIPT = 8 * 1024 * 1024
MAX_NODES = 20_000
MAX_REPAIRED = 8
"""Scripts of a page that are repaired when they are broken."""

_JSON_LD = re.compile(r"ld\+json", re.IGNORECASE)


def read_jsonld(elements: Sequence[Tag]) -> list[Node]:
    """Return every object of every JSON-LD script of a page, outermost first, `@id`s resolved."""
    found: list[Node] = []
    scripts = 0
    for script in elements:
        if script.name != "script" or not _JSON_LD.search(attribute(script, "type")):
            continue
        text = script.string or ""
        if text and len(text) <= MAX_SCRIPT and len(found) < MAX_NODES:
            scripts += 1
            value = parse_json_ld(text, may_repair=scripts <= MAX_REPAIRED)
            found.extend(_nodes(value, MAX_NODES - len(found)))
    named = {node["@id"]: node for node in found if _is_full(node)}
    return [_resolved(node, named) for node in found]


def article_node(nodes: list[Node]) -> Node:
    """Return the object that describes the page's article; an empty one when none does."""
    best: Node = {}
    best_score = 0.0
    for node in nodes:
        rank = max((ARTICLE_TYPES.get(kind.lower(), 0) for kind in _types(node)), default=0)
        if not rank:
            continue
        score = rank + sum(
            worth
            for key, worth in (("headline", 2), ("articleBody", 2), ("datePublished", 1),
                               ("author", 1), ("mainEntityOfPage", 1))
            if node.get(key)
        )  # fmt: skip
        if score > best_score:  # of equals the first: later ones are related articles
            best, best_score = node, score
    return best


def microdata(elements: Sequence[Tag]) -> dict[str, list[Tag]]:
    """Return the elements of each `itemprop` of the page's article, in document order.

    When the page marks an item as an article, only properties inside the first such item count.
    """
    scope = elements
    for item in elements:
        if "itemscope" not in item.attrs:
            continue
        kind = attribute(item, "itemtype").rstrip("/").rsplit("/", 1)[-1].lower()
        if ARTICLE_TYPES.get(kind, 0) >= 4:
            scope = [part for part in item.descendants if isinstance(part, Tag)]
            break
    found: dict[str, list[Tag]] = {}
    for element in scope[:MAX_NODES]:
        for name in attribute(element, "itemprop").split()[:8]:
            found.setdefault(name, []).append(element)
    return found


def text_of(value: Any) -> str:
    """Return the text of a JSON-LD value: a string, a number, or the name of an object."""
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case {"@value": inner}:
            return text_of(inner) if not isinstance(inner, dict) else ""
        case {"name": str(name) | {"name": str(name)} | [str(name), *_]}:
            return name
        case list() if value:
            return text_of(value[0]) if not isinstance(value[0], list) else ""
        case _:
            return ""


def strings(value: Any) -> list[str]:
    """Return the texts in a JSON-LD value, which may be one thing or a list of things."""
    values = value if isinstance(value, list) else [value]
    return [text for item in values[:500] if (text := text_of(item).strip())]


def _nodes(value: Any, limit: int) -> Iterator[Node]:
    """Yield the objects in a JSON value, breadth first."""
    level = [value]
    count = 0
    while level:
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                count += 1
                if count > limit:
                    return
                yield item
                following.extend(
                    value
                    for key, value in item.items()
                    if isinstance(value, (dict, list)) and key not in _OTHERS
                )
            elif isinstance(item, list):
                following.extend(v for v in item if isinstance(v, (dict, list)))
        level = following


def _types(node: Node) -> list[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rstrip("/").rsplit("/", 1)[-1] for kind in kinds if isinstance(kind, str)]


def _is_full(node: Node) -> bool:
    return isinstance(node.get("@id"), str) and len(node) > 1 and "name" in node


def _resolved(node: Node, named: Mapping[str, Node]) -> Node:
    """Return a node in whose direct values references are replaced by what they point at."""
    if not named:
        return node

    def look_up(value: Any) -> Any:
        if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
            return named.get(value["@id"], value)
        return value

    return {
        key: [look_up(item) for item in value[:500]] if isinstance(value, list) else look_up(value)
        for key, value in node.items()
    }
