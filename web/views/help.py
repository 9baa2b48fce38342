"""The help page: the lessons of `search.query.syntax_help`, with what each example finds here.

The lessons are English; their sentences are messages of the catalogues like those of the pages
(`lesson_messages` hands them to `web.i18n.catalogues`). What an example quotes from the archive
stands in the message as ``%(word)s``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from corpus.core.fields import TIPS
from search.query import syntax_help
from search.query.syntax_help import Subject
from search.request import Request
from web.addresses import Addresses
from web.i18n.wording import number
from web.site import site

_QUOTED = re.compile(r"“([^”]*)”")


@dataclass(frozen=True, slots=True)
class Example:
    """A query, what it means, where it leads and how much it finds."""

    query: str
    meaning: str
    url: str = ""
    total: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the help page."""

    title: str
    text: str = ""
    examples: tuple[Example, ...] = ()


def _message(english: str) -> tuple[str, str]:
    """Return a sentence as a message, and the word that it quotes ("" for none)."""
    quoted = _QUOTED.search(english)
    if quoted is None:
        return english, ""
    return _QUOTED.sub("“%(word)s”", english), quoted[1]


def _said(english: str) -> str:
    """Return a sentence in the reader's language."""
    message, word = _message(english)
    return str(gettext(message, word=word) if word else gettext(message))


def lesson_messages() -> Iterator[str]:
    """Yield every sentence of the lessons as a message."""
    for lesson in syntax_help.sections(Subject(values=dict.fromkeys(TIPS, "Value"))):
        for sentence in (lesson.title, lesson.text, *(each.meaning for each in lesson.examples)):
            yield _message(sentence)[0]


def sections(*, live: bool = True) -> tuple[Section, ...]:
    """Return the help page's parts, with what the examples find when the archive is `live`."""
    shared = site()
    lessons = syntax_help.sections(Subject())
    if live:
        lessons = shared.remembered("lessons", lambda: syntax_help.taught(shared.engine))
    return tuple(
        Section(
            _said(lesson.title),
            _said(lesson.text),
            tuple(
                Example(
                    each.query,
                    _said(each.meaning),
                    Addresses(Request(text=each.query)).search() if each.total else "",
                    number(each.total) if each.total else "",
                )
                for each in lesson.examples
            ),
        )
        for lesson in lessons
    )
