"""Notes of an answer in the reader's language.

Engines write them in English with a stable code. For a reader of another language the code leads to
a message of the catalogues; a code that has none is shown as it came. The piece of the query that
a note is about follows it.
"""

from __future__ import annotations

import re

from flask_babel import gettext, lazy_gettext

from search.answer import Note
from search.query.foreign import field_like
from web.i18n.wording import language

_NAME = re.compile(r"[^\W\d]+")

NOTES = {
    "boost-clamped": lazy_gettext("A factor was too large or too small and was bounded."),
    "slop-clamped": lazy_gettext("Words were to be near within too many others; bounded."),
    "word-too-long": lazy_gettext("A word that is too long was ignored."),
    "fuzzy-clamped": lazy_gettext("A word can differ by two letters at most."),
    "fuzzy-too-short": lazy_gettext("A word too short to differ was searched as it stands."),
    "too-many-patterns": lazy_gettext("Too many words with *, ? or ~: this one was read without."),
    "query-too-long": lazy_gettext("Only the beginning of the query was read: it is too long."),
    "too-many-terms": lazy_gettext("Only the first words were read: there are too many."),
    "unbalanced-parenthesis": lazy_gettext("A parenthesis has no partner."),
    "nothing-to-search": lazy_gettext("There is nothing to search for in this."),
    "dangling-operator": lazy_gettext(
        "AND, OR or NOT has no word to apply to and was ignored; write it in small letters to "
        "search for the word."
    ),
    "too-deep": lazy_gettext("Parentheses too deep inside others were ignored."),
    "unbalanced-quote": lazy_gettext("A quotation mark is not closed; it ends with the text."),
    "empty-field": lazy_gettext("A field without a value was ignored."),
    "bad-range": lazy_gettext("Only dates can have a range, so it was ignored."),
    "unknown-field": lazy_gettext(
        "There is no such field, so it was read as a word; to search for a colon, quote the words."
    ),
    "bad-date": lazy_gettext(
        "This is not a date, so no article can fit it; write 2017, 2017-01, 2017-01-30 or “last "
        "week”."
    ),
    "day-first": lazy_gettext(
        "This was read with the day before the month; if the month comes first, write 2017-01-30."
    ),
    "reversed-dates": lazy_gettext("The first date is the later one, so the two were exchanged."),
    "lone-sign": lazy_gettext(
        "A sign that stands alone was ignored; to leave a word out, write -word or !word."
    ),
    "dash-sign": lazy_gettext("A – before a word is no sign; to leave a word out, write -word."),
    "sign-dropped": lazy_gettext("Signs beside words are not searched; this one was left out."),
    "single-quotes": lazy_gettext(
        "Single quotation marks do nothing; words as they are written stand in double ones."
    ),
    "disjoint-dates": lazy_gettext(
        "These dates have no day in common, so no article can fit them."
    ),
    "absent-value": lazy_gettext("No article has this value."),
    "value-list": lazy_gettext(
        "No article has this value; one of several is written tag:(this OR that)."
    ),
    "absent-address": lazy_gettext(
        "No article has this address; to look for it in texts, put it in quotation marks."
    ),
    "near-unit": lazy_gettext(
        "Where sentences and paragraphs end is not known here: the words stand near each other."
    ),
    "near-order": lazy_gettext("Near words may stand in any order."),
    "near-number": lazy_gettext("Without a number, words are near within ten others."),
    "near-dangling": lazy_gettext("It has no word on both sides, so it was read as a word."),
    "not-as-written": lazy_gettext(
        "No article has the quoted words as they are written; other forms of them were searched."
    ),
    "not-common": lazy_gettext(
        "NOT was read as a word, since nearly every article has the word behind it; to leave that "
        "out, write -word."
    ),
    "not-near": lazy_gettext(
        "Only words, phrases and alternatives of them, in the same field, can be near: both sides "
        "must occur."
    ),
    "small-operator": lazy_gettext(
        "In small letters this is a word; operators are written in capitals."
    ),
    "foreign-operator": lazy_gettext(
        "This is no operator here and was read as a word; for one of the two and not both, write "
        "(one OR other) NOT (one AND other)."
    ),
    "foreign-not": lazy_gettext(
        "This is no operator here and was read as a word; to leave a word out, write -word."
    ),
    "foreign-pattern": lazy_gettext(
        "There are no regular expressions here: * and ? stand for letters."
    ),
    "foreign-field": lazy_gettext("This was read as words; a field is written title:word."),
    "foreign-truncation": lazy_gettext(
        "The last sign was ignored; for all words that begin so, write a star behind them."
    ),
    "foreign-count": lazy_gettext(
        "How often a word occurs cannot be asked for; this is a word here."
    ),
    "foreign-near": lazy_gettext("This was read as a word; nearness is written NEAR/5."),
    "too-many-words": lazy_gettext("A pattern stands for too many words; the commonest count."),
}
"""The notes that are known here, by code."""


def _of_field(note: Note) -> str:
    """Return what is said of a name that stands for one of our fields, "" for other notes."""
    name = _NAME.match(note.text)
    if name is None or note.code not in ("unknown-field", "foreign-field"):
        return ""
    field = field_like(name[0])
    message = gettext("This was read as words; for the field write %(field)s:….", field=field)
    return str(message) if field else ""


def note_text(note: Note) -> str:
    """Return a note in the reader's language, with the piece of the query that it is about."""
    message = note.message
    if language() != "en" and note.code in NOTES:
        message = _of_field(note) or str(NOTES[note.code])
    if 1 < len(note.text) <= 80:
        return str(gettext("%(piece)s — %(note)s", piece=note.text, note=message))
    return message
