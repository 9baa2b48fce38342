"""What the words of a query ask for, by one rule for every engine.

How many of those side by side must match. Which of them count: a stop word is left out for the
articles in whose language it is one, unless all the words are ones there, so what a query finds in
articles of one language does not depend on what else the archive holds. Which other spellings a
word stands for: texts keep the closed spelling of a hyphenated word and the two letters of an
umlaut beside the words themselves (`indexer.analysis.analyser.beside`). And quoted words, which
mean as written, and are taken in any form where no article has them so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Literal

from indexer.analysis.analyser import beside, chunks, fold, in_two_letters
from indexer.analysis.stop_words import stop_words
from search.answer import Note
from search.query.canonical import canonical
from search.query.nodes import Near, Node, Or, Phrase, Word, mapped
from search.query.parse import Parsed
from search.query.scanner import SPACED_NAME
from search.request import Request

FEW = 10  # full matches from which on ``auto`` shows nothing else


def needed(match: str, words: int, required: bool) -> int:
    """Return how many of `words` bare words an article must have.

    `match` is "all" or "any". Where other words are `required` (filters do not count), "any" makes
    the bare words optional: they only raise the score.

    >>> [needed("any", n, required) for n in (1, 3) for required in (False, True)]
    [1, 0, 1, 0]
    """
    if match == "any":
        return 0 if required else min(1, words)
    return words


def partial_note(total: int, partial: int) -> tuple[Note, ...]:
    """Return what is to be said where `partial` articles with some of the words are shown, too."""
    if not partial:
        return ()
    some = f"{partial:,} with some of them"
    if not total:
        message = f"No article has all of the words; showing {some}."
    else:
        has = "1 article has" if total == 1 else f"{total:,} articles have"
        message = f"{has} all of the words; {some} follow."
    return (Note("some-words", message),)


def mode_of(request: Request) -> Literal["all", "any"]:
    """Return how the words of a request's full matches must occur; "auto" begins with all."""
    return "any" if request.match == "any" else "all"


Reading = tuple[tuple[Node, ...], tuple[str, ...]]
"""The parts that count, and the languages of the articles for which they do."""

_LONGEST = 16


@cache
def _stop_words_of(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(stop_words, languages))


def readings(parts: tuple[Node, ...], languages: Sequence[str]) -> list[Reading]:
    """Return what words side by side ask for: nearly always one reading for all `languages`."""
    codes = tuple(languages)
    known = _stop_words_of(codes)
    common: dict[int, str] = {}
    for at, part in enumerate(parts):
        if isinstance(part, Word) and not (part.exact or part.fieldname):
            text = part.text
            if len(text) <= _LONGEST:
                word = text.lower() if text.isascii() else fold(text)
                if word in known:
                    common[at] = word
    if not common:
        return [(parts, codes)]
    groups: dict[tuple[Node, ...], list[str]] = {}
    for code in codes:
        stops = stop_words(code)
        kept = tuple([part for at, part in enumerate(parts) if common.get(at) not in stops])
        groups.setdefault(kept or parts, []).append(code)
    return [(kept, tuple(of)) for kept, of in groups.items()]


@lru_cache(maxsize=1 << 12)
def spellings(word: Word) -> tuple[Word | Phrase, ...]:
    """Return what a word stands for besides itself; nothing for most, and for exact forms.

    >>> spellings(Word("e-mail")), spellings(Word("Göring"))
    ((Word(text='email', fieldname='', exact=False),), \
(Word(text='Goering', fieldname='', exact=False),))
    """
    text = word.text
    if word.exact or (text.isascii() and text.isalnum()):
        return ()
    found: list[Word | Phrase] = []
    two = in_two_letters(text)
    if two != text:
        found.append(Word(two, word.fieldname))
    pieces = list(chunks(text))
    if len(pieces) == 1:
        chunk = pieces[0][0]
        if "-" in chunk:
            found += [Word(joined, word.fieldname) for joined, form, _ in beside(chunk, "de")]
        elif "&" in chunk or ("." in chunk and chunk[0].isalpha()):
            found.append(Phrase(chunk.replace("&", " ").replace(".", " "), word.fieldname))
    return tuple(found)


_NOT_WRITTEN = (
    "No article has the quoted words as they are written; other forms of them were searched."
)


def loosened(parsed: Parsed, occurs: Callable[[Node], bool]) -> Parsed | None:
    """Return a query with quoted words in any form where no article of the archive has them as
    written, each with a note; None where there are none.

    `occurs` says whether any article has what a part of the query finds, whatever the rest of it
    and the filters say: these only narrow what is found. What is excluded stays as written.
    """
    absent: list[Node] = []

    def loose(node: Node) -> Node:
        match node:
            case Phrase() | Word() | Near():
                other = _in_any_form(node)
                if other == node or occurs(node):
                    return node
                absent.append(node)
                return other
            case _:
                return mapped(node, loose)

    found = loose(parsed.node)
    told = [Note("not-as-written", _NOT_WRITTEN, canonical(node)) for node in absent]
    return parsed._replace(node=found, notes=(*parsed.notes, *told)) if absent else None


def is_quoted(parsed: Parsed) -> bool:
    """Whether a query has quoted words that could be taken in any form."""
    return loosened(parsed, lambda _: False) is not None


def _joined(word: str) -> str:
    """Return a hyphenated word in its closed spelling, initials and names with & taken apart."""
    other = spellings(Word(word))
    return other[-1].text if other and any(sign in word for sign in "-&.") else word


def _in_any_form(node: Node) -> Node:
    match node:
        case Phrase(text, exact=True, slop=0):
            other = SPACED_NAME.sub(lambda spaced: spaced[0].replace(" ", ""), text)
            if other == text:
                other = " ".join([_joined(word) for word in text.split(" ")])
            found = replace(node, exact=False)
            return found if other == text else Or((found, replace(found, text=other)))
        case Word(exact=True):
            return replace(node, exact=False)
        case Near(parts):
            return replace(node, parts=tuple(map(_in_any_form, parts)))
        case _:
            return node
