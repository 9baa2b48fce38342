"""Word, RTF, PDF, EPUB and MHTML files: what is in them is read as if it lay there by itself."""

from __future__ import annotations

import io
import zipfile
from html import escape
from pathlib import Path

import pytest

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read

_GERMAN = (
    "Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer am Montag.",
    "Ein Käufer fand sich nicht.",
)
_ENGLISH = (
    "The mill on the Arle will grind its last flour in June, its owner said on Monday.",
    "A buyer from the low-country had withdrawn his offer in the week before.",
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _zip(members: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return raw.getvalue()


def _docx(*paragraphs: str | tuple[str, str], table: str = "") -> bytes:
    """Return a Word document; a paragraph may be (style, text)."""
    body = ""
    for paragraph in paragraphs:
        style, text = paragraph if isinstance(paragraph, tuple) else ("Normal", paragraph)
        body += (
            f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>'
            f"<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
        )
    return _zip({
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}{table}</w:body>'
                             "</w:document>",
        "docProps/core.xml": "<x><created>2024-01-02T00:00:00Z</created></x>",
    })  # fmt: skip


def _pdf(lines: list[tuple[int, str]]) -> bytes:
    """Return a PDF of one page: (size, text) a line."""
    at, text = 780, ""
    for size, line in lines:
        at -= size + 4
        plain = line.replace("\\", "").replace("(", "").replace(")", "")
        text += f"BT /F1 {size} Tf 1 0 0 1 60 {at} Tm ({plain}) Tj ET\n"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}endstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    raw, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(raw))
        raw += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = len(raw)
    return raw + (
        f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\n"
        f"startxref\n{end}\n%%EOF\n"
    ).encode("latin-1")


def _read(tmp_path: Path, name: str, content: bytes) -> tuple[list[Article], list[Skip]]:
    file = tmp_path / name
    file.write_bytes(content)
    skips: list[Skip] = []
    return list(read([file], skips.append)), skips


def _nexis(number: int) -> list[str]:
    return [
        f"Mühle {number} schließt", "Arle-Bote", "3. Mai 2011 Dienstag",
        "Copyright 2011 Arle Verlag Alle Rechte vorbehalten", "Rubrik: LAND; S. 9",
        "Länge: 88 Wörter", "Autor: Jan Korn", "Text", *_GERMAN, "Klassifizierung",
        "Sprache: GERMAN; DEUTSCH", "Ladedatum: 4. Mai 2011", "Ende des Dokuments",
    ]  # fmt: skip


def test_a_manuscript_in_word_is_an_article_under_its_heading(tmp_path: Path) -> None:
    raw = _docx("Entwurf 2", ("Heading1", "Die Mühle schließt"), "Von Jan Korn", *_GERMAN)
    (article,), skips = _read(tmp_path, "a.docx", raw)
    assert (article.title, article.published) == ("Die Mühle schließt", None)
    assert article.body == ("Entwurf 2", "Von Jan Korn", *_GERMAN)
    assert not skips


def test_a_byline_below_the_heading_is_the_author(tmp_path: Path) -> None:
    raw = _docx(("Title", "Die Mühle schließt"), "Von Jan Korn", *_GERMAN)
    (article,), _ = _read(tmp_path, "a.docx", raw)
    assert (article.authors, article.body) == (("Jan Korn",), _GERMAN)


def test_clippings_in_word_are_told_apart_inside_an_archive_too(tmp_path: Path) -> None:
    raw = _docx("Documents (2)", "1. Mühle 1 schließt", *_nexis(1), *_nexis(2))
    articles, skips = _read(tmp_path, "a.zip", _zip({"clips/a.txt": "A title\n\nA text."}))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("clips/a.docx", raw)
    articles = list(read([tmp_path / "b.zip"], skips.append))
    assert [one.title for one in articles] == ["Mühle 1 schließt", "Mühle 2 schließt"]
    assert {one.source for one in articles} == {"Arle-Bote"}
    assert [one.origin.position for one in articles] == [1, 2]
    assert articles[0].origin.path.endswith("b.zip!clips/a.docx")
    assert articles[0].body == _GERMAN
    assert not skips


def test_a_table_in_word_holds_factivas_codes(tmp_path: Path) -> None:
    rows = [("HD", "Mill to close"), ("PD", "3 May 2011"), ("SN", "The Arle Post"),
            ("LP", _ENGLISH[0]), ("TD", _ENGLISH[1])]  # fmt: skip
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row)
        + "</w:tr>" for row in rows
    )  # fmt: skip
    (article,), _ = _read(tmp_path, "a.docx", _docx(table=f"<w:tbl>{cells}</w:tbl>"))
    assert (article.title, article.source) == ("Mill to close", "The Arle Post")
    assert article.body == _ENGLISH


def test_rtf_is_read_as_what_it_says(tmp_path: Path) -> None:
    text = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\b M\'fchle 1 schlie\u223?t\b0\par"
    text += r" 88 W\'f6rter\par 3. Mai 2011\par Arle-Bote\par ARLBOT\par 9\par Deutsch\par"
    text += r" Copyright 2011 Arle Verlag\par\par Die M\'fchle an der Arle mahlt im Juni zum"
    text += r" letzten Mal, sagte der Besitzer am Montag.\par\par Ein K\'e4ufer fand sich nicht."
    text += r"\par\par Dokument ARLBOT0020110503e75300001\par}"
    (article,), skips = _read(tmp_path, "a.rtf", text.encode())
    assert (article.title, article.source) == ("Mühle 1 schließt", "Arle-Bote")
    assert article.body == _GERMAN
    assert not skips


def test_a_pdf_is_read_with_its_paragraphs(tmp_path: Path) -> None:
    raw = _pdf([
        (20, "Mill to close"), (10, "By Ada Quill"),
        (10, "The mill on the Arle will grind its last flour in"),
        (10, "June, its owner said on Monday."),
        (10, "A buyer from the low-country had withdrawn his"), (10, "offer in the week before."),
    ])  # fmt: skip
    (article,), skips = _read(tmp_path, "a.pdf", raw)
    assert (article.title, article.authors) == ("Mill to close", ("Ada Quill",))
    assert article.body == _ENGLISH
    assert not skips


def test_a_pdf_of_pictures_says_what_it_lacks(tmp_path: Path) -> None:
    articles, skips = _read(tmp_path, "a.pdf", _pdf([]))
    assert not articles
    assert "OCR" in skips[0].reason


def test_the_pages_of_an_epub_know_their_issue(tmp_path: Path) -> None:
    def page(title: str, lines: tuple[str, ...], more: str = "") -> str:
        text = "".join(f"<p>{line}</p>" for line in lines)
        return (f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title></head>'
                f"<body><h1>{title}</h1>{text}{more}</body></html>")  # fmt: skip

    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<metadata><dc:title>Arle-Bote [Di, 03 Mai 2011]</dc:title><dc:publisher>calibre"
        "</dc:publisher><dc:language>deu</dc:language><dc:date>2011-05-03</dc:date></metadata>"
        '<manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" '
        'properties="nav"/><item id="a" href="t/a%20b.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine>'
        '<itemref idref="n"/><itemref idref="a"/><itemref idref="c"/></spine></package>'
    )
    link = '<div>Von <a rel="calibre-downloaded-from" href="https://a.example/1">hier</a></div>'
    raw = _zip({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="O/x.opf"/>'
                                  "</rootfiles></container>",
        "O/x.opf": opf, "O/nav.xhtml": page("Inhalt", ("Eins",)),
        "O/t/a b.xhtml": page("Mühle schließt", _GERMAN, link),
        "O/c.xhtml": page("Mill to close", _ENGLISH),
    })  # fmt: skip
    articles, skips = _read(tmp_path, "a.epub", raw)
    assert [one.title for one in articles] == ["Mühle schließt", "Mill to close"], skips
    assert {one.source for one in articles} == {"Arle-Bote"}
    assert {str(one.published) for one in articles} == {"2011-05-03"}
    assert articles[0].url == "https://a.example/1"


def test_a_page_saved_as_mhtml_keeps_its_address_and_not_when_it_was_saved(tmp_path: Path) -> None:
    page = "<html><head><title>Mill to close</title></head><body><article><h1>Mill to close</h1>"
    page += "".join(f"<p>{line}</p>" for line in _ENGLISH) + "</article></body></html>"
    raw = (
        "From: <Saved by Blink>\r\nSubject: Mill to close\r\n"
        "Date: Tue, 2 Jan 2024 10:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/html\r\nContent-Location: https://a.example/mill\r\n\r\n"
        f"{page}\r\n--x\r\nContent-Type: text/css\r\n\r\nbody {{}}\r\n--x--\r\n"
    )
    (article,), _ = _read(tmp_path, "a.mht", raw.encode())
    assert (article.title, article.url) == ("Mill to close", "https://a.example/mill")
    assert article.published is None
    assert article.body == _ENGLISH


@pytest.mark.parametrize(("name", "content", "said"), [
    ("a.xlsx", _zip({"[Content_Types].xml": "<T/>", "xl/workbook.xml": "<w/>"}), "spreadsheet"),
    ("a.pptx", _zip({"[Content_Types].xml": "<T/>", "ppt/presentation.xml": "<w/>"}), "PPTX"),
    ("a.docx", _docx("x")[:200], "damaged"),
    ("a.pdf", b"%PDF-1.7\n1 0 obj\n<<", "PDF"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "DOCX"),
    ("a.parquet", b"PAR1\0\1\2\3" * 100, "Parquet"),
    ("a.epub", _zip({"mimetype": "application/epub+zip", "META-INF/container.xml": "<c/>"}),
     "missing"),
    ("a.mhtml", b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x; "
                b"type=\"text/html\"\n\n--x\nContent-Type: image/png\n\nx\n--x--\n", "MHTML"),
])  # fmt: skip
def test_what_cannot_be_read_is_named(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    articles, skips = _read(tmp_path, name, content)
    assert not articles
    assert said in skips[0].reason


def test_a_member_whose_name_is_damaged_stops_nothing(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mühle.txt", "A title\n\nA text of its own.")
        archive.writestr("b.txt", "Another title\n\nAnother text of its own.")
    broken = raw.getvalue().replace("mühle.txt".encode(), b"m\xb0\xb0hle.txt", 1)
    articles, skips = _read(tmp_path, "a.zip", broken)
    assert [one.title for one in articles] == ["Another title"]
    assert "damaged" in skips[0].reason


def test_a_damaged_name_of_an_element_stops_nothing(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>'
        "<title>Mill</title><wp:>x</wp:><x:1y>z</x:1y></item></channel></rss>"
    )
    articles, skips = _read(tmp_path, "a.xml", text.encode())
    assert not any("failed" in skip.reason for skip in skips)
    assert len(articles) <= 1
