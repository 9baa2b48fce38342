"""The query language taught by example, for the help page and the command line.

`subject` picks words, tags and dates that the open archive really has, `sections` builds the
lessons with them, and `taught` keeps the examples that find something: plain values, which the web
shows as links and the command line as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from textwrap import wrap
from types import MappingProxyType
from typing import NamedTuple

from corpus.core.errors import BroadsheetError
from corpus.core.fields import PARAMETERS, TIPS
from corpus.core.stated_date import Precision
from indexer.analysis.analyser import tokenise
from indexer.analysis.stop_words import stop_words
from search.answer import Hit
from search.engine import Engine
from search.query import limits
from search.query.canonical import canonical
from search.query.nodes import Phrase, Value
from search.request import Request

_LOOKED_AT = 50
_TRIED = 12


@dataclass(frozen=True, slots=True)
class SyntaxExample:
    """A query as one would type it, what it finds, and how many articles of the open archive."""

    query: str
    meaning: str
    total: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson: its title, what is to be said beforehand, its examples."""

    title: str
    text: str
    examples: tuple[SyntaxExample, ...] = ()


class Subject(NamedTuple):
    """What the examples are about; `values` are those of fields that the archive has any of."""

    word: str = "harbour"
    other: str = "council"
    third: str = "storm"
    phrase: str = "harbour council"
    values: Mapping[str, str] = MappingProxyType({"tags": "shipping", "language": "en"})
    other_tag: str = "fishing"
    day: str = "2017-01-30"


def taught(engine: Engine) -> tuple[Lesson, ...]:
    """Return the lessons with examples from the open archive, those that find nothing left out.

    An archive that has no articles is taught with invented ones.
    """
    try:
        about = subject(engine)
        lessons = sections(about)
        if about == Subject():
            return lessons
        return tuple(replace(each, examples=_finding(engine, each.examples)) for each in lessons)
    except BroadsheetError:
        return sections(Subject())


def _finding(engine: Engine, examples: tuple[SyntaxExample, ...]) -> tuple[SyntaxExample, ...]:
    """Return the examples that find something, each with how much."""
    counted = [replace(each, total=_total(engine, each.query)) for each in examples]
    return tuple(each for each in counted if each.total)


def _total(engine: Engine, query: str) -> int:
    asked = Request(text=query, match="all", size=1, facets=(), timeline=False, snippets=False)
    return engine.search(asked).total


def subject(engine: Engine) -> Subject:
    """Return words, values and a day that the open archive has; invented ones where it is empty."""
    answer = engine.search(
        Request(sort="newest", size=_LOOKED_AT, facets=tuple(TIPS), snippets=False, timeline=False)
    )
    if not answer.hits:
        return Subject()
    word, other, third, phrase = _words(engine, answer.hits)
    found = {each.name: [value.value for value in each.values] for each in answer.facets}
    return Subject(
        word=word,
        other=other,
        third=third,
        phrase=phrase,
        values={"language": "en"} | {name: values[0] for name, values in found.items() if values},
        other_tag="".join(found["tags"][1:2]),
        day=_day(engine) or Subject().day,
    )


def _day(engine: Engine) -> str:
    """Return a day with an article, from the middle of the archive: others lie on both sides."""
    status = engine.status()
    if status.first is None or status.last is None:
        return ""
    middle = status.first + (status.last - status.first) / 2
    for until in (f"{middle:%Y-%m-%d}", ""):
        asked = Request(
            until=until, sort="newest", size=_LOOKED_AT, facets=(), snippets=False, timeline=False
        )
        for hit in engine.search(asked).hits:
            if hit.published and hit.published.precision >= Precision.DAY:
                return hit.published.day.isoformat()
    return ""


def _in_words(day: str) -> str:
    when = date.fromisoformat(day)
    return f"{when:%B} {when.day}, {when.year}"


def _words(engine: Engine, hits: tuple[Hit, ...]) -> tuple[str, str, str, str]:
    """Return two words that stand side by side in a title, a third of it, and the two as a phrase.

    The first one also occurs without the second, where there are such words.
    """
    known: Counter[tuple[str, str, str]] = Counter()
    for hit in hits:
        common = stop_words(hit.language or "en") | stop_words("en")
        tokens = tokenise(hit.title)
        good = [
            token.text.isalpha() and len(token.text) > 4 and token.text not in common
            for token in tokens
        ]
        fit = [token.text for token, each in zip(tokens, good, strict=True) if each]
        for at in range(len(tokens) - 1):
            between = hit.title[tokens[at].end : tokens[at + 1].start]
            pair = tokens[at].text, tokens[at + 1].text
            if good[at] and good[at + 1] and between == " " and pair[0] != pair[1]:
                known[(*pair, next((word for word in fit if word not in pair), ""))] += 1
    ranked = sorted(known.items(), key=lambda each: (-each[1], each[0]))[:_TRIED]
    defaults = Subject()
    if not ranked:
        return defaults.word, defaults.other, defaults.third, defaults.phrase
    for (one, two, third), _ in ranked:
        for word, other in ((one, two), (two, one)):
            if third and _total(engine, f"{word} NOT {other}"):
                return word, other, third, f"{one} {two}"
    one, two, third = ranked[0][0]
    return one, two, third or two, f"{one} {two}"


def _value(field: str, value: str) -> str:
    return canonical(Value(value, field))


def sections(about: Subject) -> tuple[Lesson, ...]:
    """Return the lessons, in the order in which they are best read."""
    return (
        _plain(about), _combined(about), _fields(about), _dates(about), _patterns(about),
        _reading(about), _limits(),
    )  # fmt: skip


def _lesson(title: str, text: str, *examples: tuple[str, str]) -> Lesson:
    return Lesson(title, text, tuple([SyntaxExample(*example) for example in examples]))


def _plain(about: Subject) -> Lesson:
    quoted = canonical(Phrase(about.phrase))
    return _lesson(
        "Words and phrases",
        "Capitals, accents and endings do not matter: a word finds its plural and its other forms. "
        "Articles with all of the words come first; where fewer than ten have them, those with "
        "some of them follow. Words in quotes are found as written; with case: before them, as in "
        "case:WHO, capitals count too.",
        (about.word, f"articles with “{about.word}”"),
        (f"{about.word} {about.other}", "both words, anywhere in an article"),
        (quoted, "the words as written, one after the other"),
        (f'"{about.word} {about.other}"~10', "near each other, within ten words"),
        (f"{about.word} NEAR/10 {about.other}", "the same; also w/10, ADJ, (a OR b) w/5 c"),
        (f'"{_begun(about.phrase)}*"', "quoted words may have stars too"),
        (f'"{about.word}"', "this form of the word only"),
    )


def _begun(phrase: str) -> str:
    """Return a phrase up to the fourth letter of its last word."""
    words, _, last = phrase.rpartition(" ")
    return f"{words} {last[:4]}"


def _combined(about: Subject) -> Lesson:
    one, two, three = about.word, about.other, about.third
    return _lesson(
        "Combining",
        "AND, OR and NOT are written in capitals; in small letters they are words. NOT binds most "
        "tightly, then AND, then OR; parentheses say otherwise.",
        (f"{one} AND {two}", "both must occur"),
        (f"{one} OR {two}", "either, or both"),
        (f"{one} NOT {two}", "the first without the second"),
        (f"{one} -{two}", "the same, shorter"),
        (f"{one} !{two}", "the same, as other systems write it; there | is OR, && AND"),
        (f"+{one} {two} {three}", "the first must occur; the others are as usual"),
        (f"({one} OR {two}) AND {three}", "grouped"),
        (f"{one}^3 {two}", "the first counts three times as much"),
    )


def _fields(about: Subject) -> Lesson:
    examples = [
        (f"title:{about.word}", "in the title only; also lead: and body:"),
        (f"title:({about.word} OR {about.other})", "either in the title"),
    ]
    examples += [
        (_value(PARAMETERS[name], about.values[name]), told)
        for name, told in TIPS.items()
        if name in about.values
    ]
    if about.other_tag:
        one, other = (_value("tag", each) for each in (about.values["tags"], about.other_tag))
        either = f"{one} OR {other.removeprefix('tag:')})".replace("tag:", "tag:(", 1)
        examples.append((either, "with either tag"))
        examples.append((f"{about.word} -{one}", "without this tag"))
    return _lesson(
        "Parts of an article",
        "A field stands before a colon. Values are whole, capitals and accents aside; with spaces "
        "they are quoted.",
        *examples,
    )


def _dates(about: Subject) -> Lesson:
    day, month, year = about.day, about.day[:7], about.day[:4]
    return _lesson(
        "Dates",
        "Days, months and years begin in the time zone of the archive. Words such as today, last "
        "month, 3 weeks ago, monday or 30 January 2017 are understood in nine languages.",
        (f"date:{year}", "published in this year"),
        (f"date:{month}", "in this month"),
        (f"date:{day}", "on this day"),
        (f"date:{_in_words(about.day)}", "the same, in words"),
        (f"date:{year}-01..{month}", "from one month to another, both included"),
        (f"date:[{year}-01 TO {month}]", "the same"),
        (f"before:{day}", "before this day"),
        (f"after:{month}", "after this month"),
        (f"since:{month}", "in this month or later; until: is its counterpart"),
        ('date:"last week"', "Monday to Sunday of last week"),
        ("date:yesterday", "yesterday"),
        (f"added:{year}..", "that the archive first had in this year or later"),
    )


def _patterns(about: Subject) -> Lesson:
    word, tag = about.word, about.values.get("tags", "")
    middle = len(word) // 2
    return _lesson(
        "Patterns",
        "A star stands for any letters, a question mark for one; a tilde finds words that differ "
        "by a letter or two.",
        (f"{word[:4]}*", f"words that begin with “{word[:4]}”"),
        (f"{word[:middle]}?{word[middle + 1 :]}", "any letter in this place"),
        (f"{word}~1", "one letter more, less, or other; two changed places"),
        *(((f"tag:{tag[:2]}*", "tags that begin so"),) if tag.isalpha() else ()),
    )


def _reading(about: Subject) -> Lesson:
    return _lesson(
        "How a query is read",
        "No query is refused. What cannot be read as meant (an open quotation mark, an unknown "
        "field, a day that does not exist) is read as well as it can be, and the result says how. "
        "A backslash takes the meaning off a sign; quotation marks do so for all words in them.",
        (f"\\AND {about.word}", "the word “and”, not the operator"),
        (f'"{about.phrase.replace(" ", ": ")}"', "a colon inside quotes is no field"),
        ("*", "every article"),
    )


def _limits() -> Lesson:
    return _lesson(
        "Limits",
        f"Of a query, the first {limits.MAX_TERMS} words in {limits.MAX_LENGTH:,} characters are"
        f" read; words of more than {limits.MAX_WORD} characters are passed over. Parentheses nest"
        f" {limits.MAX_DEPTH} deep. {limits.MAX_PATTERNS} words may have *, ? or ~, each standing"
        f" for the {limits.MAX_EXPANSION:,} most frequent words that it fits. ~ allows"
        f" {limits.MAX_FUZZY} letters in words of {limits.MIN_FUZZY_WORD} or more; near words are"
        f" within {limits.MAX_SLOP}; a weight is at most {limits.MAX_BOOST:g}.",
    )


def as_text(lessons: tuple[Lesson, ...], width: int = 80) -> str:
    """Return the lessons as text for a terminal of `width` columns."""
    column = min(34, max(len(example.query) for part in lessons for example in part.examples) + 2)
    lines: list[str] = []
    for lesson in lessons:
        lines += [lesson.title.upper(), *wrap(lesson.text, width)]
        for example in lesson.examples:
            if len(example.query) + 2 > column:
                lines += [f"  {example.query}", f"  {'':{column}}{example.meaning}"]
            else:
                lines.append(f"  {example.query:{column}}{example.meaning}")
        lines.append("")
    return "\n".join(lines)
