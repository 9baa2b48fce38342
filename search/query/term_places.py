"""Where in an article words must stand, for Whoosh's matchers: in one of its parts, or as written.

Whoosh knows a term's positions in the field ``text``. Which of them lie in the body, or in what is
printed, an archive's segment knows; in any other index all do. How a word is written, with which
capitals, and the address of an article are read from what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from whoosh import query
from whoosh.matching import FilterMatcher, Matcher, WrappingMatcher
from whoosh.query.spans import Span
from whoosh.reading import IndexReader

from corpus.core.fields import PRINTED, WEIGHTS
from indexer.analysis.analyser import cased, tokenise
from indexer.segment.segment import U32
from indexer.whoosh.archive_reader import ArchiveSegment

Stored = dict[str, Any]


def excludes(context: Any) -> bool:
    """Whether a matcher is made for what is excluded, which is looked for in what is printed."""
    return bool(getattr(context, "excluding", False))


class TextTerm(query.Term):  # type: ignore[misc]
    """A term of the field ``text``: in the body, or anywhere, but in print where it is excluded.

    Its score is that of all its occurrences, or, where they are `counted`, of those in that part.
    """

    def __init__(self, text: str, part: str = "", *, counted: bool = False) -> None:
        super().__init__("text", text)
        self.part = part
        self.counted = counted

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        found = super().matcher(searcher, context)
        segment = searcher.reader().segment()
        part = self.part or ("printed" if excludes(context) else "")
        if not part or not isinstance(segment, ArchiveSegment) or not found.is_active():
            return found
        bounds = segment.arrays.part_bounds
        return _PartMatcher(
            found, bounds[:, :2] if part == "body" else bounds[:, 2:], counted=self.counted
        )


class Expanded(query.WrappingQuery):  # type: ignore[misc]
    """Patterns over the field ``text`` whose words stand in a part; a constant score."""

    def __init__(self, child: query.Query, part: str) -> None:
        super().__init__(child)
        self._part = part

    def _rewrap(self, child: query.Query) -> Expanded:
        return Expanded(child, self._part)

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        if not self._part and not excludes(context):
            return self.child.matcher(searcher, context)
        found = self.child.existing_terms(searcher.reader(), expand=True)
        terms = [TextTerm(term.decode(), self._part) for _, term in sorted(found)]
        return query.ConstantScoreQuery(query.Or(terms)).matcher(searcher, context)


class _PartMatcher(WrappingMatcher):  # type: ignore[misc]
    """The documents in a part of which a term stands. bounds: uint32[n_docs, 2], each part's first
    position and its last + 1, or uint32[n_docs, 1], of parts that begin at 0."""

    def __init__(
        self, child: Matcher, bounds: U32, boost: float = 1.0, *, counted: bool = False
    ) -> None:
        super().__init__(child, boost)
        self._bounds = bounds
        self._counted = counted
        self._find()

    def _replacement(self, newchild: Matcher) -> _PartMatcher:
        return _PartMatcher(newchild, self._bounds, self.boost, counted=self._counted)

    def copy(self) -> _PartMatcher:
        return self._replacement(self.child.copy())

    def _places(self) -> list[int]:
        *before, last = self._bounds[self.child.id()].tolist()
        first = before[0] if before else 0
        return [place for place in self.child.value_as("positions") if first <= place < last]

    def _find(self) -> None:
        while self.child.is_active() and not self._places():
            self.child.next()

    def reset(self) -> None:
        self.child.reset()
        self._find()

    def next(self) -> None:
        self.child.next()
        self._find()

    def skip_to(self, id: int) -> None:
        self.child.skip_to(id)
        self._find()

    def supports_block_quality(self) -> bool:
        return False

    def all_ids(self) -> Iterator[int]:
        while self.is_active():
            yield self.id()
            self.next()

    def weight(self) -> float:
        return float(len(self._places())) if self._counted else float(self.child.weight())

    def score(self) -> float:
        leaf = next(self.child.term_matchers())  # what is deleted may be filtered around it
        score: float = leaf.scorer.score(self) if leaf.scorer else self.weight()
        return float(self.boost) * score

    def value_as(self, astype: str) -> Any:
        return self._places() if astype == "positions" else super().value_as(astype)

    def spans(self) -> list[Span]:
        return [Span(place) for place in self._places()]


class AsStored(query.WrappingQuery):  # type: ignore[misc]
    """What a query finds, where the stored article passes a test, given its fields and the names
    of those to look at when nothing says otherwise."""

    def __init__(self, child: query.Query, test: Callable[[Stored, Sequence[str]], bool]) -> None:
        super().__init__(child)
        self._test = test

    def _rewrap(self, child: query.Query) -> AsStored:
        return AsStored(child, self._test)

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        child = self.child.matcher(searcher, context)
        names = PRINTED if excludes(context) else tuple(WEIGHTS)
        return FilterMatcher(child, _Passing(searcher.reader(), self._test, names))


class _Passing:
    """The documents that pass a test, as something that they are in."""

    def __init__(
        self, reader: IndexReader, test: Callable[[Stored, Sequence[str]], bool],
        names: Sequence[str],
    ) -> None:  # fmt: skip
        self._reader, self._test, self._names = reader, test, names

    def __contains__(self, doc: int) -> bool:
        return self._test(self._reader.stored_fields(doc), self._names)


def has_words(text: str, field: str, *, capitals: bool) -> Callable[[Stored, Sequence[str]], bool]:
    """Return a test for the words of a text side by side as written, in a field or in all."""
    wanted = _forms(text, capitals)

    def test(stored: Stored, names: Sequence[str]) -> bool:
        for name in (field,) if field else names:
            value = stored.get(name) or (stored.get("text", "") if name == "body" else "")
            for part in (value,) if isinstance(value, str) else value:
                forms = _forms(part, capitals)
                if any(forms[at : at + len(wanted)] == wanted for at in range(len(forms))):
                    return True
        return False

    return test


def _forms(text: str, capitals: bool) -> list[str]:
    return [
        cased(text[token.start : token.end]) if capitals else token.text for token in tokenise(text)
    ]
