"""The query language taught by example, for the help page and the command line.

`subject` picks words, tags and dates that the open archive really has, `sections` builds the
lessons with them, and `taught` keeps the examples that find something: plain values, which the web
shows as links and the command line as text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from textwrap import wrap
from types import MappingProxyType
from typing import NamedTuple

from corpus.core.errors import BroadsheetError
from corpus.core.fields import PARAMETERS, TIPS
from corpus.core.stated_date import Precision
from indexer.analysis.analyser import tokenise
from indexer.analysis.stop_words import stop_words
from search.answer import Hit, Tally
from search.engine import Engine
from search.query import limits
from search.query.canonical import canonical
from search.query.nodes import Phrase, Value
from search.request import Request

_LOOKED_AT = 50
_TRIED = 12


class SyntaxExample(NamedTuple):
    """A query as one would type it, what it finds, and how many articles of the open archive."""

    query: str
    meaning: str
    total: int = 0


class Lesson(NamedTuple):
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
        found = []
        for title, text, examples in lessons:
            counted = [each._replace(total=_total(engine, each.query)) for each in examples]
            found.append(Lesson(title, text, tuple(each for each in counted if each.total)))
        return tuple(found)
    except BroadsheetError:
        return sections(Subject())


def _total(engine: Engine, query: str) -> int:
    (tally,) = engine.tallies([Request(text=query, match="all")])
    return tally.total if isinstance(tally, Tally) else 0


def subject(engine: Engine) -> Subject:
    """Return words, values and a day that the open archive has; invented ones where it is empty."""
    answer = engine.search(
        Request(sort="newest", size=_LOOKED_AT, facets=tuple(TIPS), snippets=False, timeline=False)
    )
    if not answer.hits:
        return Subject()
    found = {each.name: [value.value for value in each.values] for each in answer.facets}
    return Subject(
        *_words(engine, answer.hits),
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


def _words(engine: Engine, hits: tuple[Hit, ...]) -> tuple[str, str, str, str]:
    """Return two words that stand side by side in a title, a third of it, and the two as a phrase.

    The first one also occurs without the second, where there are such words.
    """
    known: Counter[tuple[str, str, str]] = Counter()
    for hit in hits:
        common = stop_words(hit.language or "en") | stop_words("en")
        tokens = tokenise(hit.title)
        fit = [
            one.text for one in tokens
            if one.text.isalpha() and len(one.text) > 4 and one.text not in common
        ]  # fmt: skip
        for left, right in pairwise(tokens):
            one, two, between = left.text, right.text, hit.title[left.end : right.start]
            if one in fit and two in fit and one != two and between == " ":
                known[one, two, next((word for word in fit if word not in (one, two)), "")] += 1
    ranked = sorted(known, key=lambda each: (-known[each], each))[:_TRIED]
    if not ranked:
        return Subject()[:4]
    for one, two, third in ranked:
        for word, other in ((one, two), (two, one)):
            if third and _total(engine, f"{word} NOT {other}"):
                return word, other, third, f"{one} {two}"
    one, two, third = ranked[0]
    return one, two, third or two, f"{one} {two}"


_LESSONS = r"""
Words and phrases
Capitals, accents and endings do not matter: a word finds its plural and its other forms. Articles
with all of the words come first; where fewer than ten have them, those with some of them follow.
Words in quotes are found as written; with case: before them, as in case:WHO, capitals count too.
{word} :: articles with “{word}”
{word} {other} :: both words, anywhere in an article
{quoted} :: the words as written, one after the other
"{word} {other}"~10 :: near each other, within ten words
{word} NEAR/10 {other} :: the same; also w/10, ADJ, (a OR b) w/5 c
"{phrase_begun}*" :: quoted words may have stars too
"{word}" :: this form of the word only

Combining
AND, OR and NOT are written in capitals; in small letters they are words. NOT binds most tightly,
then AND, then OR; parentheses say otherwise.
{word} AND {other} :: both must occur
{word} OR {other} :: either, or both
{word} NOT {other} :: the first without the second
{word} -{other} :: the same, shorter
{word} !{other} :: the same, as other systems write it; there | is OR, && AND
+{word} {other} {third} :: the first must occur; the others are as usual
({word} OR {other}) AND {third} :: grouped
{word}^3 {other} :: the first counts three times as much

Parts of an article
A field stands before a colon. Values are whole, capitals and accents aside; with spaces they are
quoted.
title:{word} :: in the title only; also lead: and body:
title:({word} OR {other}) :: either in the title
TIPS
{either_tag} :: with either tag
{without_tag} :: without this tag

Dates
Days, months and years begin in the time zone of the archive. Words such as today, last month, 3
weeks ago, monday or 30 January 2017 are understood in nine languages.
date:{year} :: published in this year
date:{month} :: in this month
date:{day} :: on this day
date:{day_in_words} :: the same, in words
date:{year}-01..{month} :: from one month to another, both included
date:[{year}-01 TO {month}] :: the same
before:{day} :: before this day
after:{month} :: after this month
since:{month} :: in this month or later; until: is its counterpart
date:"last week" :: Monday to Sunday of last week
date:yesterday :: yesterday
added:{year}.. :: that the archive first had in this year or later

Patterns
A star stands for any letters, a question mark for one; a tilde finds words that differ by a letter
or two.
{word_begun}* :: words that begin with “{word_begun}”
{word_with_gap} :: any letter in this place
{word}~1 :: one letter more, less, or other; two changed places
tag:{tag_begun}* :: tags that begin so

How a query is read
No query is refused. What cannot be read as meant (an open quotation mark, an unknown field, a day
that does not exist) is read as well as it can be, and the result says how. A backslash takes the
meaning off a sign; quotation marks do so for all words in them.
\AND {word} :: the word “and”, not the operator
"{phrase_with_colon}" :: a colon inside quotes is no field
* :: every article

Limits
Of a query, the first {MAX_TERMS} words in {MAX_LENGTH:,} characters are read; words of more than
{MAX_WORD} characters are passed over. Parentheses nest {MAX_DEPTH} deep. {MAX_PATTERNS} words may
have *, ? or ~, each standing for the {MAX_EXPANSION:,} most frequent words that it fits. ~ allows
{MAX_FUZZY} letters in words of {MIN_FUZZY_WORD} or more; near words are within {MAX_SLOP}; a weight
is at most {MAX_BOOST:g}.
"""
"""The lessons, in the order in which they are best read: title, text, and each example before what
it means. What stands in braces is of a subject, or one of `search.query.limits`."""


def sections(about: Subject) -> tuple[Lesson, ...]:
    """Return the lessons about a subject, without the examples that it has nothing for."""
    said = vars(limits) | _said(about)
    tips = "\n".join([f"{{{name}}} :: {told}" for name, told in TIPS.items()])
    lessons = []
    for part in _LESSONS.strip().replace("TIPS", tips).split("\n\n"):
        title, *lines = part.split("\n")
        text = " ".join([line for line in lines if " :: " not in line]).format_map(said)
        examples = [
            SyntaxExample(query.format_map(said), meaning.format_map(said))
            for line in lines
            for query, found, meaning in [line.partition(" :: ")]
            if found and said.keys() >= {*re.findall(r"{(\w+)", line)}
        ]
        lessons.append(Lesson(title, text, tuple(examples)))
    return tuple(lessons)


def _said(about: Subject) -> dict[str, str]:
    """Return what a subject has to say in the lessons, by the names that it has there."""
    day, word, phrase = date.fromisoformat(about.day), about.word, about.phrase
    last = phrase.rindex(" ") + 1
    tag, middle = about.values.get("tags", ""), len(word) // 2
    said = {
        **about._asdict(),
        **{name: canonical(Value(text, PARAMETERS[name])) for name, text in about.values.items()},
        "quoted": canonical(Phrase(phrase)),
        "phrase_begun": phrase[: last + 4],
        "phrase_with_colon": phrase.replace(" ", ": "),
        "word_begun": word[:4],
        "word_with_gap": f"{word[:middle]}?{word[middle + 1 :]}",
        "year": about.day[:4],
        "month": about.day[:7],
        "day_in_words": f"{day:%B} {day.day}, {day.year}",
    }
    if about.other_tag:
        other = canonical(Value(about.other_tag, "tag")).removeprefix("tag:")
        either = said["tags"].replace("tag:", "tag:(", 1)
        said |= {"either_tag": f"{either} OR {other})", "without_tag": f"{word} -{said['tags']}"}
    return said | ({"tag_begun": tag[:2]} if tag.isalpha() else {})


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
