"""JSON-LD that templates broke still tells who wrote what and when."""

from __future__ import annotations

from html import escape

import pytest

from corpus.html.json_ld import parse_json_ld
from corpus.readers.html import parse_page

SCRIPT = """{
  "@context": "https://schema.org", "@type": "NewsArticle",
  "headline": "Ferry sails again after eleven weeks",
  "datePublished": "2022-05-03T06:30:00+02:00",
  "author": [{"@type": "Person", "name": "Uwe Trost"}],
  "publisher": {"@type": "Organization", "name": "Der Küstenbote"}
}"""
PAGE = """<!doctype html><html lang="de"><head><title>Ferry</title>
<script type="application/ld+json">{script}</script></head><body><article>
<h1>Ferry sails again after eleven weeks</h1>
<p>The ferry to the islands sails again since Monday, after eleven weeks in the dock at Kiel.</p>
<p>The first passengers stood at the ramp with their bicycles at five in the morning.</p>
</article></body></html>"""


def broken(old: str, new: str) -> str:
    assert old in SCRIPT
    return SCRIPT.replace(old, new)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(SCRIPT, id="whole"),
        pytest.param(broken("sails again", 'sails "again"'), id="quotes inside"),
        pytest.param(broken('"Ferry', '""Ferry" they say,'), id="quotes first"),
        pytest.param(broken('weeks",', 'weeks"'), id="no comma"),
        pytest.param(broken("}],\n", "}]\n"), id="no comma after a list"),
        pytest.param(broken('"datePublished"', '// when\n "datePublished"'), id="line comment"),
        pytest.param(broken('"author"', '/* who */ "author"'), id="comment"),
        pytest.param(broken('Küstenbote"}', 'Küstenbote",}'), id="trailing comma"),
        pytest.param(broken("eleven weeks", "eleven\n weeks"), id="line break"),
        pytest.param(broken("Ferry", "Ferry \\'x\\'"), id="bad escape"),
        pytest.param(SCRIPT.replace('"', "'"), id="single quotes"),
        pytest.param(escape(SCRIPT), id="escaped"),
        pytest.param(f"<!-- {SCRIPT} -->", id="HTML comment"),
        pytest.param(f"//<![CDATA[\n{SCRIPT}\n//]]>", id="CDATA"),
        pytest.param(SCRIPT[:-2], id="no end"),
        pytest.param(SCRIPT + ";", id="semicolon"),
        pytest.param(SCRIPT + SCRIPT, id="twice"),
        pytest.param(
            broken('"headline"', '"articleBody": "' + 'He said "no". ' * 8000 + '", "headline"'),
            id="too long to repair",
        ),
        pytest.param(
            broken('"Uwe Trost"', '{"@type": "Person", "name": "Uwe Trost"}'), id="nested"
        ),
        pytest.param(broken('"Uwe Trost"', '["Uwe Trost"]'), id="listed"),
    ],
)
def test_broken_scripts_are_read(script: str) -> None:
    article = parse_page(PAGE.replace("{script}", script))
    assert article.published == "2022-05-03T06:30:00+02:00"
    assert (article.authors, article.source) == (("Uwe Trost",), "Der Küstenbote")
    assert article.title == "Ferry sails again after eleven weeks"


@pytest.mark.parametrize(
    "script",
    ["", "{", "null", "function () { return '@type'; }", "[{" * 9000, '{"a":"b" "c"}', "7"],
)
def test_noise_says_nothing(script: str) -> None:
    value = parse_json_ld(script)
    assert not (isinstance(value, dict) and "@type" in value)
