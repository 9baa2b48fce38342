"""XML of known layouts: clipping services, corpora, libraries, sitemaps and WordPress."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read
from corpus.records.xml_elements import parse_document

_EN = "The mill on the Arle will grind its last flour in June, its owner said."
_DE = "Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer am Montag."


def _read(tmp_path: Path, text: str) -> tuple[list[Article], list[Skip]]:
    file = tmp_path / "a.xml"
    file.write_text(text, encoding="utf-8")
    skips: list[Skip] = []
    return list(read([file], skips.append)), skips


_CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("Factiva", f"""<?xml version="1.0"?><PPSResponse><ppsArticleResponse xmlns="http://x/"><ppsarticle>
     <article><accessionNo>ARL1</accessionNo><baseLanguage>DE</baseLanguage><byline>Von Jan Korn
     </byline><headline><paragraph>Mühle schließt</paragraph></headline><leadParagraph><paragraph>
     {_DE}</paragraph></leadParagraph><publicationDate><date>2011-05-03</date></publicationDate>
     <sectionName>Land</sectionName><sourceName>Arle-Bote</sourceName><tailParagraphs><paragraph>
     Ein Käufer fand sich nicht.</paragraph></tailParagraphs></article></ppsarticle>
     </ppsArticleResponse></PPSResponse>""",
     {"title": "Mühle schließt", "authors": ("Jan Korn",), "source": "Arle-Bote", "section": "Land",
      "published": "2011-05-03", "body": (_DE, "Ein Käufer fand sich nicht."), "language": "de"}),
    ("RCV1", f"""<?xml version="1.0"?><newsitem itemid="77" date="1997-01-02" xml:lang="en">
     <title>ARLE: Mill to close.</title><headline>Mill to close.</headline><byline>Ada Quill
     </byline><dateline>ARLE 1997-01-02</dateline><text><p>{_EN}</p></text><copyright>(c) R
     </copyright><metadata><codes class="bip:topics:1.0"><code code="GMIL"/></codes>
     <dc element="dc.source" value="Reuters"/></metadata></newsitem>""",
     {"title": "Mill to close.", "authors": ("Ada Quill",), "source": "Reuters", "place": "ARLE",
      "published": "1997-01-02", "body": (_EN,), "tags": ("GMIL",), "own_id": "77"}),
    ("ProQuest", f"""<?xml version="1.0"?><Record><RecordID>5</RecordID><Publication><Title>
     Arle-Bote</Title></Publication><NumericPubDate>19110503</NumericPubDate><Contributor><ContribRole>Author
     </ContribRole><OriginalForm>Korn, Jan</OriginalForm></Contributor><LanguageCode>GER
     </LanguageCode><StartPage>3</StartPage><RecordTitle>Mühle schließt</RecordTitle><FullText>{_DE}
     </FullText></Record>""",
     {"title": "Mühle schließt", "source": "Arle-Bote", "authors": ("Jan Korn",), "page": "3",
      "published": "1911-05-03", "body": (_DE,), "own_id": "5"}),
    ("Delpher", f'<?xml version="1.0"?><text><title>Mühle schließt</title><p>{_DE}</p></text>',
     {"title": "Mühle schließt", "body": (_DE,), "language": "de"}),
    ("Trove", f"""<?xml version="1.0"?><response><zone name="newspaper"><records><article id="9">
     <heading>MILL TO CLOSE</heading><title id="35">Arle Post (Vic.)</title><date>1901-05-03</date>
     <page>3</page><articleText>&lt;p&gt;{_EN}&lt;/p&gt;</articleText></article></records></zone>
     </response>""",
     {"title": "MILL TO CLOSE", "source": "Arle Post (Vic.)", "page": "3", "body": (_EN,)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [pytest.param(*row[1:], id=row[0]) for row in _CASES])
def test_a_layout_gives_its_fields(text: str, wanted: dict[str, Any], tmp_path: Path) -> None:
    articles, skips = _read(tmp_path, text)
    assert len(articles) == 1, skips
    assert {name: getattr(articles[0], name) for name in wanted} == wanted


def test_a_news_sitemap_says_that_it_holds_no_text(tmp_path: Path) -> None:
    articles, skips = _read(
        tmp_path,
        """<?xml version="1.0"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/1</loc>
    <news:news><news:publication><news:name>Arle-Bote</news:name><news:language>de</news:language>
    </news:publication><news:publication_date>2022-05-03</news:publication_date><news:title>Mühle
    schließt</news:title><news:keywords>Mühlen, Mehl</news:keywords></news:news></url>
    <url><loc>https://a.example/2</loc></url></urlset>""",
    )
    assert [(one.title, one.url, one.source, one.tags) for one in articles] == [
        ("Mühle schließt", "https://a.example/1", "Arle-Bote", ("Mühlen", "Mehl"))
    ]
    assert [skip.position for skip in skips] == [2, 0]
    assert "list of addresses" in skips[1].reason


_WXR = """<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"
xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"><channel><title>Arle-Bote</title>
<language>de</language><wp:author><wp:author_login>jk</wp:author_login><wp:author_display_name>
Jan Korn</wp:author_display_name></wp:author>{items}</channel></rss>"""


def _post(title: str, text: str, status: str = "publish", kind: str = "post") -> str:
    return f"""<item><title>{title}</title><link>https://a.example/{title}</link><dc:creator>jk
    </dc:creator><content:encoded><![CDATA[{text}]]></content:encoded>
    <wp:post_id>1{len(text)}</wp:post_id><wp:post_date_gmt>2022-05-03 08:00:00</wp:post_date_gmt>
    <wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>
    <category domain="category">Land</category><category domain="post_tag">Mühlen</category>
    </item>"""


def test_wordpress_gives_published_posts(tmp_path: Path) -> None:
    classic = "[caption id='1' width=\"3\"]<img src='a'/> Das Rad[/caption]"
    classic += f"{_DE}\n\n{_DE} [sic] Ende."
    block = f'<!-- wp:paragraph --><p>{_EN}</p><!-- /wp:paragraph -->\n[gallery ids="1,2"]'
    items = (_post("Eins", classic), _post("Two", block), _post("Drei", _DE, "draft"),
             _post("Bild", _DE, "inherit", "attachment"))  # fmt: skip
    articles, skips = _read(tmp_path, _WXR.format(items="".join(items)))
    first, second = articles
    assert first.body == (_DE, f"{_DE} [sic] Ende.")
    assert first.captions == ("Das Rad",)
    assert (first.authors, first.section, first.tags, first.source) == (
        ("Jan Korn",), "Land", ("Mühlen",), "Arle-Bote",
    )  # fmt: skip
    assert first.published == "2022-05-03T08:00:00+00:00"
    assert second.body == (_EN,)
    assert [skip.reason for skip in skips] == [
        "it is not published (draft)", "it is no post but of type attachment",
    ]  # fmt: skip


def test_a_document_in_memory_may_be_longer_than_what_lies_between_two_articles() -> None:
    comment = b"<!--" + b"x" * 65_536 + b"-->"
    root = parse_document(b"<part>" + comment * 1_100 + b"<line>Quay</line></part>")
    assert [line.text for line in root] == ["Quay"]
