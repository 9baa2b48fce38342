"""TREC's ``<DOC>`` elements, as several newspapers filled them: invented ones."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from corpus.core.article import Article, Origin
from corpus.readers import protocol, reader_of, trec
from corpus.readers.protocol import Skip
from corpus.reading import read

AGENCY = b"""<DOC>
<DOCNO> SK880212-0001 </DOCNO>
<FILEID>SK-SN-02-12-88 1644EST</FILEID>
<FIRST>r i SN-Harbour     02-12 0012</FIRST>
<HEAD>Ferry Crews &amp; Pilots Walk Out</HEAD>
<BYLINE>By JANE DOE</BYLINE>
<DATELINE>SKELMOUTH (SN) </DATELINE>
<TEXT>
   Ferries stayed in port on Friday
as crews walked out.
   The owners called it unlawful.
</TEXT>
</DOC>
"""
DAILY = b"""<DOC>
<DOCNO>MT92-17</DOCNO>
<DATE>920312
</DATE>
<HEADLINE>
MT 12 MAR 92 / Herring quota rises
</HEADLINE>
<TEXT>
<P>The quota rises by a tenth.</P>
<P>Boats may sail from Monday.</P>
</TEXT>
<PUB>Merrow Times</PUB>
</DOC>
"""
CAPITALS = b"""<doc><docno>7</docno>
<text>
THE COUNCIL OF MERROW MET ON SUNDAY TO HEAR WHAT THE ENVOY HAD TO SAY ABOUT
THE STRAIT .  HE SAID LITTLE .
</text></doc>
"""
UNTAGGED = b"""<DOC>
<DOCNO>X-1</DOCNO>
The lighthouse was lit again.

Nobody knows by whom.
</DOC>
"""


def parsed(document: bytes) -> list[Article | Skip]:
    return list(trec.read(io.BytesIO(document), Origin("docs/part", 1, "trec")))


@pytest.mark.parametrize("document", [AGENCY, DAILY, CAPITALS, UNTAGGED])
@pytest.mark.parametrize("path", ["part01", "part01.txt", "part01.sgm", "part01.xml"])
def test_the_format_is_known_whatever_the_ending(document: bytes, path: str) -> None:
    reader = reader_of(document, path)
    assert reader is not None and reader.NAME == "trec"


def test_elements_of_several_newspapers() -> None:
    agency, daily, capitals, untagged = parsed(AGENCY + DAILY + CAPITALS + UNTAGGED)
    assert isinstance(agency, Article) and isinstance(daily, Article)
    assert isinstance(capitals, Article) and isinstance(untagged, Article)
    assert (agency.title, agency.authors) == ("Ferry Crews & Pilots Walk Out", ("Jane Doe",))
    assert agency.body == (
        "Ferries stayed in port on Friday as crews walked out.", "The owners called it unlawful.",
    )  # fmt: skip
    assert daily.title == "MT 12 MAR 92 / Herring quota rises"
    assert daily.body == ("The quota rises by a tenth.", "Boats may sail from Monday.")
    assert capitals.title == "" and len(capitals.body) == 1
    assert capitals.body[0].endswith("THE STRAIT . HE SAID LITTLE .")
    assert untagged.body == ("The lighthouse was lit again.", "Nobody knows by whom.")


def test_capitals_are_taken_for_the_language_they_are_in() -> None:
    (capitals,) = parsed(CAPITALS)
    assert isinstance(capitals, Article) and capitals.language == "en"


def test_a_cut_off_document_is_skipped_and_the_rest_is_read() -> None:
    whole, cut = parsed(DAILY + AGENCY[:200])
    assert isinstance(whole, Article) and whole.origin.position == 1
    assert isinstance(cut, Skip) and (cut.position, "cut off" in cut.reason) == (2, True)


def test_a_document_without_text_is_skipped() -> None:
    (skip,) = parsed(b"<DOC>\n<DOCNO>9</DOCNO>\n<TEXT>\n</TEXT>\n</DOC>")
    assert isinstance(skip, Skip)


def test_documents_larger_than_a_chunk_of_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = parsed(AGENCY + DAILY + UNTAGGED)
    monkeypatch.setattr(protocol, "_CHUNK_BYTES", 16)
    assert parsed(AGENCY + DAILY + UNTAGGED) == at_once and len(at_once) == 3


def test_a_document_too_large_is_skipped_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "_CHUNK_BYTES", 64)
    monkeypatch.setattr(protocol, "MAX_ARTICLE_BYTES", 400)
    large = AGENCY.replace(b"</TEXT>", b"word " * 500 + b"</TEXT>")
    skip, daily = parsed(large + DAILY)
    assert isinstance(skip, Skip) and "more than" in skip.reason
    assert isinstance(daily, Article) and daily.origin.position == 2


def test_letters_that_grow_when_folded_do_not_move_the_ends_of_elements() -> None:
    turkish = "<DOC><DOCNO>1</DOCNO><HEAD>İİİİ</HEAD><TEXT>İlk haber.</TEXT></DOC>"
    (article,) = parsed(turkish.encode())
    assert isinstance(article, Article)
    assert (article.title, article.body) == ("İİİİ", ("İlk haber.",))


def test_tags_that_are_never_closed_take_time_in_proportion() -> None:
    started = time.process_time()
    unclosed = b"<P>A sentence of news.\n" * 100_000
    (article,) = parsed(b"<DOC><DOCNO>1</DOCNO>" + unclosed + b"</DOC>")
    assert isinstance(article, Article) and article.body
    assert time.process_time() - started < 20


def test_files_without_an_ending_are_read_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "part01").write_bytes(AGENCY + DAILY)
    found = list(read([str(tmp_path)], on_skip=lambda skip: None))
    assert [article.origin.reader for article in found] == ["trec", "trec"]
    assert len({article.id for article in found}) == 2


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (
            "<DOCNO> FT923-4567 </DOCNO><DATE>920915\n</DATE><HEADLINE>\nFT  15 SEP 92 / Ferry"
            " sails\n</HEADLINE><BYLINE>By ADA QUILL\n</BYLINE><TEXT>\nIt cost &pound;3 &hyph;"
            " no more.\n</TEXT><PUB>The Financial Times\n</PUB>",
            {"title": "Ferry sails", "published": "1992-09-15", "source": "The Financial Times",
             "authors": ("Ada Quill",), "body": ("It cost £3 - no more.",)},
        ),
        (
            "<DOCNO> LA030290-0012 </DOCNO><DATE><P>March 2, 1990, Friday, Home Edition</P></DATE>"
            "<SECTION><P>Calendar; Part F; Page 9</P></SECTION><HEADLINE><P>FERRY SAILS</P>"
            "</HEADLINE><TEXT><P>It sails.</P></TEXT>",
            {"published": "1990-03-02", "section": "Calendar"},
        ),
        (
            "<DOCNO>AP890704-0033</DOCNO><FILEID>AP-NR-07-04-89 0102EDT</FILEID><HEAD>Ferry Sails"
            "</HEAD><DATELINE>NEW YORK (AP) </DATELINE><TEXT>\n   It sails.\n</TEXT>",
            {"published": "1989-07-04", "place": "New York", "agency": "AP"},
        ),
        (
            "<DOCNO> WSJ870203-0007 </DOCNO><HL> Ferry Sails</HL><DD> 02/03/87</DD><SO> WALL STREET"
            " JOURNAL (J)</SO><DATELINE> LONDON </DATELINE><TEXT>\n   It sails.\n</TEXT>",
            {"published": "1987-02-03", "source": "WALL STREET JOURNAL", "place": "LONDON"},
        ),
    ],
)  # fmt: skip
def test_the_newspapers_of_the_first_discs(inside: str, expected: dict[str, object]) -> None:
    article = trec.parse_element(inside.encode(), Origin("a.sgm", 1, "trec"))
    assert {name: getattr(article, name) for name in expected} == expected
