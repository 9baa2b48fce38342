"""What is said of a query that was read otherwise than it may have been meant: notes by their code.

Braces stand for values of the query; `web.views.notes` has the same in the languages of the pages.
"""

from __future__ import annotations

from search.query import limits

NOTES = {
    "all-capitals": "AND, OR, NOT and NEAR were read as words, since everything is in capitals.",
    "bad-date": "This is not a date, so no article can fit it; write 2017, 2017-01, 2017-01-30 or"
    ' "last week".',
    "bad-range": "Only dates can have a range, so it was ignored.",
    "boost-clamped": f"A factor is between {limits.MIN_BOOST:g} and {limits.MAX_BOOST:g}.",
    "dangling-operator": "AND, OR or NOT has no word to apply to and was ignored; write it in small"
    " letters to search for the word.",
    "dash-sign": "A – before a word is no sign; to leave a word out, write -word.",
    "disjoint-dates": "These dates have no day in common, so no article can fit them.",
    "empty-field": "There is no value behind {text}:, so it was ignored.",
    "fuzzy-clamped": f"A word can differ by {limits.MAX_FUZZY} letters at most.",
    "fuzzy-too-short": f"A word of fewer than {limits.MIN_FUZZY_WORD} letters was searched as it"
    " stands.",
    "lone-sign": "A {sign} that stands alone was ignored; to leave a word out, write -word or"
    " !word.",
    "near-dangling": "{text} has no word on both sides, so it was read as a word.",
    "near-number": "{text} without a number was read as NEAR/{slop}.",
    "near-order": "{text} was read as NEAR/{slop}: the words may stand in any order.",
    "near-unit": "Where sentences and paragraphs end is not known here: {text} was read as"
    " NEAR/{slop}.",
    "not-common": "NOT was read as a word, since nearly every article has ‘{word}’; to leave that"
    " out, write -{word}.",
    "not-near": "Only words, phrases and alternatives of them, in the same field, can be near: both"
    " sides must occur.",
    "nothing-to-search": "There is nothing to search for in this.",
    "query-too-long": f"Only the first {limits.MAX_LENGTH:,} characters were read.",
    "sign-dropped": "Signs beside words are not searched: the {signs} was left out.",
    "single-quotes": "Single quotation marks do nothing; words as they are written stand in double"
    " ones.",
    "slop-clamped": f"Words are near within {limits.MAX_SLOP} at most.",
    "small-operator": "In small letters this is a word; as an operator it is {capitals}.",
    "too-deep": f"Parentheses more than {limits.MAX_DEPTH} deep were ignored.",
    "too-many-patterns": f"More than {limits.MAX_PATTERNS} words with *, ? or ~: this one was read"
    " without.",
    "too-many-terms": f"Only the first {limits.MAX_TERMS} words were read.",
    "unbalanced-parenthesis": "A parenthesis is not closed; it ends with the text.",
    "unbalanced-quote": "A quotation mark is not closed; it ends with the text.",
    "unknown-field": "There is no field '{text}', so it was read as a word; {hint}",
    "word-too-long": f"A word of more than {limits.MAX_WORD} characters was ignored.",
}
