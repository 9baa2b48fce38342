"""Other spellings of a word that was typed: written together or apart, with umlauts or two letters.

Texts keep the closed spelling of a hyphenated word and the two letters of an umlaut beside the
words themselves (`indexer.analysis.analyser.beside`), so a query's word has to name what was typed
and the other spelling only: ``take-over`` is also ``takeover``, ``göring`` also ``goering``,
``AT&T`` also ``AT & T``. What was typed ranks first, since it is found by both.
"""

from __future__ import annotations

from functools import lru_cache

from indexer.analysis.analyser import beside, chunks, in_two_letters
from search.query.nodes import Phrase, Word


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
        elif "&" in chunk:
            found.append(Phrase(chunk.replace("&", " "), word.fieldname))
    return tuple(found)
