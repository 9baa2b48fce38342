"""Text from printed pages: no heads, no numbers, words whole, paragraphs as they were."""

from __future__ import annotations

import pytest

from corpus.core.article import Origin
from corpus.print.printed_pages import unpaged
from corpus.readers.text import parse_text

HEAD = "   THE BAY POST          Friday, June 4, 2021          {}"
PAGES = [
    ["Ferry sails again", "", "By ADA QUILL", "",
     "The ferry to the islands sails again since Mon-", "day, after eleven weeks in the dock of",
     "the ship-", "yard at Harrow. Nobody had expected it to take so"],
    ["long, said the captain.", "   The first passengers stood at the ramp at five, with bi-",
     "cycles and a well-known cook from Anglo-", "Saxon Street."],
]  # fmt: skip


@pytest.mark.parametrize("feed", ["", "\f"])
@pytest.mark.parametrize("foot", [[], ["", "  - {} -"]])
def test_printed_pages_become_running_text(feed: str, foot: list[str]) -> None:
    pages = [
        "\n".join([HEAD.format(n), "", *lines, *(line.format(n) for line in foot), ""])
        for n, lines in enumerate(PAGES, 7)
    ]
    article = parse_text(f"\n{feed}".join(pages), Origin("a.txt"))
    assert article.title == "Ferry sails again"
    assert article.authors == ("Ada Quill",)
    assert article.published == "2021-06-04"
    assert article.body == (
        "The ferry to the islands sails again since Monday, after eleven weeks in the dock of the"
        " shipyard at Harrow. Nobody had expected it to take so long, said the captain.",
        "The first passengers stood at the ramp at five, with bicycles and a well-known cook from"
        " Anglo-Saxon Street.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "A title\n\nA text of one line.\n",
        "A title\n\nOne two\nthree four.\n\n2021\n\nOne two\nthree four.\n",
        "Scores\n\nHarrow   3   2\nBay      1   0\n",
        "",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert unpaged(text) == (text, "")
