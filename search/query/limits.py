"""How large a query may be: every bound of the query language, with its reason.

Past a bound a query is not refused: what fits is answered and a note says what was left out, so a
pasted article or a hostile string costs bounded time and still finds something.
"""

from __future__ import annotations

MAX_LENGTH = 65_536
"""Code points of a query that are looked at; the canonical form of any query fits in them."""

MAX_TERMS = 512
"""Words of a query, those of phrases included: half of OpenSearch's clauses of one query."""

MAX_TEXT = 8_192  # code points of all words together: a long newspaper article
MAX_WORD = 256  # code points of one word, long enough for a URL; no longer word is ever indexed
MAX_DEPTH = 32  # parentheses inside parentheses
MAX_PATTERNS = 16
"""Prefixes, wildcards and fuzzy words, each of which is looked up in the whole vocabulary."""

MAX_EXPANSION = 65_536
"""Words of the vocabulary that one pattern stands for; the most frequent ones are kept. All words
of 31,000 articles that have an *e* take as long as 1,024 of them, 9 ms: this bounds memory."""

MAX_FUZZY = 2  # edits of a fuzzy word
MIN_FUZZY_WORD = 3
"""Letters that a fuzzy word needs: within one edit of two letters lies half the vocabulary."""

MAX_SLOP = 100  # extra positions of a phrase
MAX_NEAR = 128
"""Pairs of phrases that are looked for where alternatives stand near one another, and words that a
pattern stands for there: the positions of each are read."""

MIN_BOOST = 0.001
MAX_BOOST = 1_000.0
"""The bounds of ``^``; factors are rounded to three decimals."""

MAX_NOTES = 20  # notes on one query
MAX_CHIPS = 32  # removable parts of one query
OPERATORS = frozenset(("AND", "OR", "NOT", "ANDNOT", "NEAR", "ADJ"))
"""Words that are operators of the query syntax, in capitals."""
