"""What the text of each block says of itself, as numbers: its length, its words, its marks.

One pass over the characters of a text counts what patterns would look for one after another.
"""

import re
from collections import Counter

import numpy as np

from corpus.html.agreement import coverage, shingles
from corpus.html.phrases import BOILERPLATE_STARTS, ENDINGS

from libc.math cimport log1p

__all__ = ["TEXT_FEATURES", "text_features", "words_of"]

TEXT_FEATURES = (
    "length", "words", "link density", "italic", "upper", "digits", "commas", "sentences",
    "ends a sentence", "starts lower", "year", "copyright", "prose", "dropped phrase",
    "ending phrase", "in headline", "headline in it", "repeated", "mean word", "colon end",
    "image before", "question", "in description", "phrase under heading", "said",
)

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}:\d\d|\b\d+ (?:min|hour|day)s?\b")

cdef enum:
    LONGEST_LINE = 400  # characters of a text whose words are looked at one by one
    LONGEST_KEY = 200
    LONGEST_ENDING = 80
    HEAD = 200  # characters of which capitals and digits are counted
    DESCRIBED = 150


def text_features(blocks, str title, str description, said, double unknown):
    """Return the `TEXT_FEATURES` of each block: float64, blocks by features.

    `title` and `description` are normal (`blocks.normal`), `said` the paragraphs of the text in
    the page's structured data; `unknown` stands for their share where there are none.
    """
    cdef double[:, ::1] row
    cdef Py_ssize_t number, at, length, many, common, upper, numerals, commas, sentences, last
    cdef Py_UCS4 letter
    cdef str text, lower
    cdef list words, keys = []
    cdef set headline = set(title.split())
    cdef bint ending, under = False
    found = np.zeros((len(blocks), len(TEXT_FEATURES)))
    row = found
    description = f" {description} "
    runs = shingles(said) if said else None
    for number, block in enumerate(blocks):
        text, length = block.text, len(block.text)
        lower, words, common = "", [], 0
        if length <= LONGEST_LINE:
            lower = text.lower()
            words = words_of(lower)
            for word in words:
                common += word in headline
        keys.append(text if length > LONGEST_KEY else " ".join(words))
        many = len(words) if words else text.count(" ") + 1
        ending = length <= LONGEST_ENDING and ENDINGS.match(text)
        if ending or block.kind == "h":
            under = ending
        upper = numerals = commas = sentences = 0
        last = -1
        for at, letter in enumerate(text):
            if at < HEAD:
                upper += letter.isupper()
                numerals += letter.isdigit()
            if letter == u",":
                commas += 1
            elif letter in u".!?…。！？" and _ends(text, at + 1, length):
                sentences += 1
                last = at
        row[number, 0] = log1p(block.size)
        row[number, 1] = log1p(many)
        row[number, 2] = min(1.0, <double> block.link / length)
        row[number, 3] = <double> block.italic / length
        row[number, 4] = <double> upper / min(length, HEAD)
        row[number, 5] = <double> numerals / min(length, HEAD)
        row[number, 6] = <double> commas / many
        row[number, 7] = sentences
        row[number, 8] = sentences > 0 and last >= length - 4
        letter = text[0]
        row[number, 9] = letter.islower()
        row[number, 10] = lower != "" and numerals > 0 and _DATE.search(text) is not None
        row[number, 11] = u"©" in text
        row[number, 12] = block.prose > 0
        row[number, 13] = lower != "" and BOILERPLATE_STARTS.match(text)
        row[number, 14] = ending
        row[number, 15] = <double> common / many
        row[number, 16] = <double> common / len(headline) if headline else 0.0
        row[number, 18] = <double> length / many
        letter = text[length - 1]
        row[number, 19] = letter == u":"
        row[number, 20] = block.image
        row[number, 21] = letter == u"?"
        row[number, 22] = length > 20 and f" {(<str> keys[number])[:DESCRIBED]} " in description
        row[number, 23] = under
        row[number, 24] = unknown if runs is None else coverage(text, runs)
    seen = Counter(keys)
    for number in range(len(keys)):
        row[number, 17] = log1p(seen[keys[number]])
    return found


cdef bint _ends(str text, Py_ssize_t at, Py_ssize_t length):
    """Tell whether a sentence ends before `at`, but for what closes a quotation."""
    while at < length and text[at] in u"\"'”’»)]":
        at += 1
    return at == length or text[at].isspace()


cpdef list words_of(str text):
    """Return the words of a text: what `re.findall` gives for one or more of ``\\w``."""
    cdef Py_ssize_t at, start = -1
    cdef Py_UCS4 letter
    cdef list found = []
    for at, letter in enumerate(text):
        if letter.isalnum() or letter == u"_":
            if start < 0:
                start = at
        elif start >= 0:
            found.append(text[start:at])
            start = -1
    if start >= 0:
        found.append(text[start:])
    return found
