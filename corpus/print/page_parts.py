"""The pages of a crawl put together: an article in several pages is one, a copy is none.

Articles pass through a window of bounded size. While one is in it, further pages of it are added
(`?page=2` under one canonical address), copies of it counted, and a page that claims its address
with another text gets the one that it was fetched from. Nothing that was read is lost to an id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from corpus.core.article import Article, make_id
from corpus.sources.web_addresses import address_key, page_number

_WINDOW = 16 << 20
"""Characters of text in the window, at most."""

_REMEMBERED = 200_000
_SHARED = 0.3
"""Two pages that share less than this of the shorter one's text are different articles."""


@dataclass(slots=True)
class _HeldPart:
    """An article in the window: where it was fetched, and its pages by number."""

    fetched: str
    pages: dict[int, Article] = field(default_factory=dict)


class PageParts:
    """The window; `copies` counts the pages dropped because an equal one had been read."""

    def __init__(self) -> None:
        self.copies = 0
        self._held: dict[str, _HeldPart] = {}
        self._size = 0
        self._gone: set[int] = set()

    def add(self, article: Article, fetched: str) -> Iterator[Article]:
        """Take an article and the clean address that it was fetched from; yield what leaves."""
        number = page_number(fetched, article.url) if fetched and article.url else 0
        held = self._held.get(article.id)
        if held is None:
            if number > 1 and int(article.id, 16) in self._gone:
                article = under_address(article, fetched)
            yield from self._hold(article, fetched, number)
            return
        first = next(iter(held.pages.values()))
        if (article.title, article.lead, article.body) in [
            (page.title, page.lead, page.body) for page in held.pages.values()
        ]:
            self.copies += 1
            if _plainness(article.url) < _plainness(first.url):
                held.pages = {n: replace(page, url=article.url) for n, page in held.pages.items()}
        elif (
            (number > 1 or (fetched and address_key(fetched) == address_key(article.url)))
            and (number or 1) not in held.pages
            and _alike(article.title, first.title)
        ):
            held.pages[number or 1] = article
            self._size += _size(article)
        elif (
            fetched
            and address_key(fetched) != address_key(held.fetched)
            and address_key(fetched) != address_key(article.url)
            and _shared(article, first) < _SHARED
        ):
            yield from self.add(under_address(article, fetched), fetched)
        else:
            yield self._let_go(article.id)
            yield from self._hold(article, fetched, number)

    def rest(self) -> Iterator[Article]:
        """Yield what is left in the window."""
        while self._held:
            yield self._let_go(next(iter(self._held)))

    def _hold(self, article: Article, fetched: str, number: int) -> Iterator[Article]:
        self._held[article.id] = _HeldPart(fetched, {number or 1: article})
        self._size += _size(article)
        while self._size > _WINDOW:
            yield self._let_go(next(iter(self._held)))

    def _let_go(self, identity: str) -> Article:
        pages = self._held.pop(identity).pages
        self._size -= sum(map(_size, pages.values()))
        if len(self._gone) >= _REMEMBERED:
            self._gone.clear()
        self._gone.add(int(identity, 16))
        return _joined([pages[number] for number in sorted(pages)])


def under_address(article: Article, address: str) -> Article:
    """Return an article under the address that it was fetched from."""
    provenance = (
        ("url", "fetched; its canonical address is another page's"),
        *(pair for pair in article.provenance if pair[0] != "url"),
    )
    return replace(article, id=make_id(url=address), url=address, provenance=provenance)


def _joined(pages: list[Article]) -> Article:
    """Return one article of its pages; what a later page repeats is left out."""
    first = pages[0]
    if len(pages) == 1:
        return first
    note = f"{len(pages)} pages of one article"
    return replace(
        first,
        body=_union(page.body for page in pages),
        captions=_union(page.captions for page in pages),
        credits=_union(page.credits for page in pages),
        related=_union(page.related for page in pages),
        provenance=tuple(
            (name, f"{where}; {note}" if name == "body" else where)
            for name, where in first.provenance
        ),
    )


def _union(texts: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for lines in texts for line in lines))


def _size(article: Article) -> int:
    return sum(map(len, article.body)) + len(article.title) + len(article.lead) + 500


def _plainness(address: str) -> tuple[bool, int]:
    """Return what is least for the best address of a page: https, and short."""
    return not address.startswith("https:"), len(address)


def _alike(one: str, other: str) -> bool:
    """Tell titles that name one article: equal, or one with a page number behind it."""
    one, other = one.casefold(), other.casefold()
    return one.startswith(other) or other.startswith(one)


def _shared(one: Article, other: Article) -> float:
    """Return the share of the shorter text's paragraphs, by length, that the other has too."""
    lines, others = set(one.body), set(other.body)
    least = min(sum(map(len, lines)), sum(map(len, others)))
    return sum(map(len, lines & others)) / least if least else 1.0
