"""Scanned newspapers: ALTO, PAGE and hOCR pages, and issues in METS with ALTO."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from corpus.core.article import Article
from corpus.print.ocr_lines import joined_lines, ocr_paragraphs
from corpus.readers.protocol import Skip
from corpus.reading import read

_GERMAN = ("Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer am Montag.",
           "Ein Käufer fand sich nicht.")  # fmt: skip
_ENGLISH = ("The mill on the Arle will grind its last flour in June, its owner said.",
            "A buyer from the low-country had withdrawn.")  # fmt: skip
Block = tuple[str, tuple[int, int, int, int], list[str]]
"""A block of a page: name; left, top, width, height; lines."""


def _alto(blocks: list[Block], number: str = "1", version: str = "ns-v3#", order: str = "") -> str:
    text = ""
    for name, (left, top, width, height), lines in blocks:
        rows = "".join(
            "<TextLine>" + "<SP/>".join(
                f'<String CONTENT="{word}" WC="0.8"/>' for word in line.rstrip("¬").split()
            ) + ('<HYP CONTENT="-"/>' if line.endswith("¬") else "") + "</TextLine>"
            for line in lines
        )  # fmt: skip
        text += (f'<TextBlock ID="{name}" HPOS="{left}" VPOS="{top}" WIDTH="{width}" '
                 f'HEIGHT="{height}">{rows}</TextBlock>')  # fmt: skip
    return (f'<?xml version="1.0"?><alto xmlns="http://www.loc.gov/standards/alto/{version}">'
            "<Description><MeasurementUnit>pixel</MeasurementUnit></Description><Layout>"
            f'<Page ID="P" PHYSICAL_IMG_NR="{number}"><PrintSpace>{text}</PrintSpace></Page>'
            f"{order}</Layout></alto>")  # fmt: skip


def _read(source: Path) -> tuple[list[Article], list[Skip]]:
    skips: list[Skip] = []
    return list(read([source], skips.append)), skips


def _page(tmp_path: Path, text: str, name: str = "a.xml") -> Article:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    (article,), skips = _read(file)
    assert not skips
    return article


@pytest.mark.parametrize("version", ["ns-v2#", "ns-v4#", ""])
def test_an_alto_page_is_its_blocks_with_words_joined(tmp_path: Path, version: str) -> None:
    article = _page(tmp_path, _alto([
        ("b1", (0, 0, 90, 40), ["Die Mühle an der Arle mahlt im Juni zum letz¬", "ten Mal, sagte",
                                "der Besitzer am Montag."]),
        ("b2", (0, 50, 90, 20), ["Ein Käufer fand sich nicht."]),
    ], "7", version))  # fmt: skip
    assert (article.body, article.page, article.language) == (_GERMAN, "7", "de")
    assert article.ocr_confidence == pytest.approx(0.8)


def test_a_divided_word_stands_whole_where_the_file_has_it_whole(tmp_path: Path) -> None:
    text = _alto([("b", (0, 0, 9, 9), ["one"])]).replace(
        '<String CONTENT="one" WC="0.8"/>',
        '<String CONTENT="with" SUBS_TYPE="HypPart1" SUBS_CONTENT="withdrawn"/><HYP CONTENT="-"/>'
        '</TextLine><TextLine><String CONTENT="drawn" SUBS_TYPE="HypPart2" '
        'SUBS_CONTENT="withdrawn"/><SP/><String CONTENT="again"/>',
    )
    assert _page(tmp_path, text).body == ("withdrawn again",)


def _table() -> list[Block]:
    """Two columns of three blocks each, in the order of a table's cells."""
    return [
        (f"{column}{row}", (column * 500, row * 100, 400, 80), [f"Column {column} row {row}."])
        for row in range(3) for column in range(2)
    ]  # fmt: skip


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    head = ("head", (0, -200, 900, 50), ["A headline over both."])
    article = _page(tmp_path, _alto([head, *_table()]))
    assert article.body == (
        "A headline over both.",
        *(f"Column {column} row {row}." for column in range(2) for row in range(3)),
    )


def test_blocks_in_columns_already_stay_as_they_are(tmp_path: Path) -> None:
    blocks = sorted(_table())
    article = _page(tmp_path, _alto(blocks))
    assert article.body == tuple(block[2][0] for block in blocks)


def test_the_order_that_a_file_states_is_kept(tmp_path: Path) -> None:
    order = "<ReadingOrder><OrderedGroup>" + "".join(
        f'<ElementRef REF="{name}"/>' for name in ("12", "11", "10", "02", "01", "00")
    ) + "</OrderedGroup></ReadingOrder>"  # fmt: skip
    article = _page(tmp_path, _alto(_table(), order=order))
    assert article.body[:2] == ("Column 1 row 2.", "Column 1 row 1.")


def test_page_xml_gives_headline_text_and_number(tmp_path: Path) -> None:
    def region(name: str, kind: str, *lines: str) -> str:
        rows = "".join(
            f'<TextLine><TextEquiv conf="0.9"><Unicode>{line}</Unicode></TextEquiv></TextLine>'
            for line in lines
        )  # fmt: skip
        return (f'<TextRegion id="{name}" type="{kind}"><Coords points="0,0 9,0 9,9"/>{rows}'
                "</TextRegion>")  # fmt: skip

    text = (
        '<?xml version="1.0"?><PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/'
        '2019-07-15"><Metadata><Created>2024-01-02T00:00:00</Created></Metadata>'
        '<Page primaryLanguage="German"><ReadingOrder><OrderedGroup id="g">'
        '<RegionRefIndexed index="0" regionRef="h"/><RegionRefIndexed index="1" regionRef="a"/>'
        '<RegionRefIndexed index="2" regionRef="b"/></OrderedGroup></ReadingOrder>'
        + region("n", "page-number", "12") + region("b", "paragraph", _GERMAN[1])
        + region("a", "paragraph", "Die Mühle an der Arle mahlt im Juni zum letz-",
                 "ten Mal, sagte der Besitzer am Montag.")
        + region("h", "heading", "Mühle schließt") + region("r", "header", "Arle-Bote")
        + "</Page></PcGts>"
    )  # fmt: skip
    article = _page(tmp_path, text)
    assert (article.title, article.body, article.page) == ("Mühle schließt", _GERMAN, "12")
    assert (article.published, article.ocr_confidence) == (None, 0.9)


def test_hocr_gives_each_page(tmp_path: Path) -> None:
    def paragraph(*lines: str) -> str:
        rows = "".join(
            f'<span class="ocr_line" title="bbox 0 0 9 9"><span class="ocrx_word" '
            f'title="bbox 0 0 9 9; x_wconf 96">{line}</span></span>\n' for line in lines
        )  # fmt: skip
        return f'<p class="ocr_par" lang="eng" title="bbox 0 0 9 9">{rows}</p>'

    pages = "".join(
        f'<div class="ocr_page" title="image x.png; ppageno {at}"><div class="ocr_carea">{text}'
        "</div></div>"
        for at, text in enumerate((
            paragraph("The mill on the Arle will grind its last", "flour in June, its owner said.")
            + paragraph(_ENGLISH[1]), paragraph(_ENGLISH[1]),
        ))
    )  # fmt: skip
    file = tmp_path / "a.hocr"
    file.write_text(f"<html><head><title>x</title></head><body>{pages}</body></html>")
    articles, _ = _read(file)
    assert [(one.body, one.page) for one in articles] == [(_ENGLISH, "1"), (_ENGLISH[1:], "2")]
    assert articles[0].ocr_confidence == 0.96


def _issue(folder: Path, *, missing: bool = False) -> Path:
    """Write an issue of two pages with two articles, the first on both."""
    pages = {
        "0001": _alto([
            ("p1h", (0, 0, 9, 9), ["Mühle", "schließt"]), ("p1a", (0, 9, 9, 9), ["Von Jan Korn"]),
            ("p1b", (0, 20, 9, 9), [_GERMAN[0]]),
        ], "1"),
        "0002": _alto([("p2a", (0, 0, 9, 9), [_GERMAN[1]]),
                       ("p2b", (0, 20, 9, 9), [_ENGLISH[0]])], "2"),
    }  # fmt: skip

    def area(page: str, block: str) -> str:
        return f'<fptr><area FILEID="A{page}" BETYPE="IDREF" BEGIN="{block}"/></fptr>'

    mets = f"""<?xml version="1.0"?><mets xmlns="http://www.loc.gov/METS/"
    xmlns:mods="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink">
    <dmdSec ID="I"><mdWrap><xmlData><mods:mods><mods:titleInfo><mods:title>Arle-Bote</mods:title>
    </mods:titleInfo><mods:originInfo><mods:dateIssued>1911-05-03</mods:dateIssued>
    </mods:originInfo></mods:mods></xmlData></mdWrap></dmdSec>
    <dmdSec ID="D2"><mdWrap><xmlData><mods:mods><mods:titleInfo><mods:title>Mill to close
    </mods:title></mods:titleInfo><mods:language><mods:languageTerm>eng</mods:languageTerm>
    </mods:language></mods:mods></xmlData></mdWrap></dmdSec><fileSec><fileGrp>
    <file ID="A0001"><FLocat xlink:href="file://./alto/0001.xml"/></file>
    <file ID="A0002"><FLocat xlink:href="alto/0002.xml"/></file></fileGrp></fileSec>
    <structMap TYPE="PHYSICAL"><div TYPE="PAGE" ORDERLABEL="B3"><fptr FILEID="A0002"/></div>
    </structMap><structMap TYPE="LOGICAL"><div TYPE="ISSUE" DMDID="I"><div TYPE="SECTION"
    LABEL="Land"><div TYPE="ARTICLE" ID="L1"><div TYPE="HEADING">{area("0001", "p1h")}</div>
    <div TYPE="AUTHOR">{area("0001", "p1a")}</div><div TYPE="BODY"><div TYPE="PARAGRAPH">
    {area("0001", "p1b")}</div><div TYPE="PARAGRAPH">{area("0002", "p2a")}</div></div></div></div>
    <div TYPE="ARTICLE" ID="L2" DMDID="D2"><div TYPE="BODY">{area("0002", "p2b")}</div></div>
    </div></structMap></mets>"""
    (folder / "alto").mkdir(parents=True)
    (folder / "1911-mets.xml").write_text(mets, encoding="utf-8")
    for name, page in pages.items():
        if not (missing and name == "0002"):
            (folder / "alto" / f"{name}.xml").write_text(page, encoding="utf-8")
    return folder


def _zipped(folder: Path) -> Path:
    target = folder.parent / "issue.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.rglob("*.xml")):
            archive.write(file, f"x/{file.relative_to(folder)}")
    return target


@pytest.mark.parametrize("packed", [False, True])
def test_an_issue_is_its_articles_from_a_folder_and_from_a_zip(
    tmp_path: Path, packed: bool
) -> None:
    folder = _issue(tmp_path / "issue")
    articles, skips = _read(_zipped(folder) if packed else folder)
    first, second = articles
    assert (first.title, first.authors, first.body) == ("Mühle schließt", ("Jan Korn",), _GERMAN)
    assert (first.source, first.published, first.section, first.page, first.language) == (
        "Arle-Bote", "1911-05-03", "Land", "1", "de",
    )  # fmt: skip
    assert (second.title, second.body, second.page, second.language) == (
        "Mill to close", _ENGLISH[:1], "B3", "en",
    )  # fmt: skip
    assert first.ocr_confidence == pytest.approx(0.8)
    assert not skips


def test_a_missing_page_is_named_and_so_is_what_lay_on_it(tmp_path: Path) -> None:
    articles, skips = _read(_issue(tmp_path / "issue", missing=True))
    assert [one.body for one in articles] == [_GERMAN[:1]]
    assert [skip.position for skip in skips] == [2, 0]
    assert "alto/0002.xml" in skips[1].reason


def test_a_reference_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = _issue(tmp_path / "issue", missing=True)
    (tmp_path / "secret.xml").write_text(_alto([("p2b", (0, 0, 9, 9), ["secret"])]))
    mets = folder / "1911-mets.xml"
    mets.write_text(mets.read_text().replace("alto/0002.xml", "alto/../../secret.xml"))
    articles, _ = _read(folder)
    assert "secret" not in repr(articles)


def test_lines_are_joined_as_a_reader_reads_them() -> None:
    assert joined_lines(["letz-", "ten", "Anglo-", "Saxon"]) == "letzten Anglo-Saxon"
    assert joined_lines(["low-", "country"], divided=False) == "low-country"
    assert (
        ocr_paragraphs(
            "Die Mühle an der Arle mahlt zum letz-\nten Mal, sagte der Besitzer.\n"
            "Dann\nfuhr er fort.\n\nEin Käufer fand sich nicht."
        )[-1]
        == _GERMAN[1]
    )
