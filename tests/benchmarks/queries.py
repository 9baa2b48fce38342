"""The queries that are measured, each in a form that every engine can be asked.

Words are chosen by their frequency in Reuters-21578 (in brackets, of 21,578 articles), and since
the copies are made of the same sentences they stay as frequent in them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Query:
    """`kind` is all, any, phrase, prefix, title or not; `words` are plain and in small letters.

    With `not` the last word is excluded. `tag` and `days` (first and last, included) restrict.
    """

    name: str
    kind: str
    words: tuple[str, ...]
    tag: str = ""
    days: tuple[str, str] | None = None


def _queries(kind: str, group: str, *texts: str) -> tuple[Query, ...]:
    return tuple(Query(group, kind, tuple(text.split())) for text in texts)


QUERIES: tuple[Query, ...] = (
    *_queries("all", "rare word", "mugabe", "platinum", "earthquake", "antitrust", "espresso"),
    *_queries("all", "common word", "market", "bank", "shares", "oil", "government", "company"),
    *_queries(
        "all", "AND", "oil price", "bank interest rate", "cocoa council", "stock market crash",
        "trade deficit japan", "company quarter profit",
    ),
    *_queries(
        "any", "OR", "coffee cocoa", "wheat corn soybean", "oil opec", "merger takeover bid",
        "dollar yen intervention",
    ),
    *_queries(
        "phrase", "phrase", "interest rates", "prime minister", "crude oil prices",
        "federal reserve board", "last year",
    ),
    *_queries("prefix", "prefix", "cocoa", "econom", "petrol", "agricult"),
    *_queries("title", "field", "oil", "dividend", "trade talks"),
    Query("tag", "all", ("price",), tag="crude"),
    Query("tag", "all", ("bank",), tag="interest"),
    Query("tag", "all", ("said",), tag="coffee"),
    Query("tag", "any", ("export", "quota"), tag="sugar"),
    Query("date", "all", ("oil",), days=("1987-03-01", "1987-03-15")),
    Query("date", "all", ("profit",), days=("1987-04-01", "1987-12-31")),
    Query("date", "any", ("takeover", "offer"), days=("1987-03-10", "1987-03-31")),
    *_queries("not", "NOT", "oil opec", "bank japan", "grain wheat"),
    *_queries(
        "any", "long",
        "the federal reserve bank raised interest rates on short term loans to commercial banks",
        "oil ministers of opec meet to discuss output quotas and the price of crude on the market",
        "company said its board declared a quarterly dividend payable to shareholders of record",
        "talks between japan and the united states about semiconductor trade and import tariffs",
    ),
)  # fmt: skip
