"""Corpora as they are handed out: tagged text, tables without names, folders as sections."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read
from corpus.reading_options import reading_as

_EN = "The mill on the Arle will grind its last flour in June, its owner said."
_DE = "Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer am Montag."
_FR = "Le moulin de l'Arle moudra sa dernière farine en juin, a dit son propriétaire lundi."


def _read(tmp_path: Path, text: str, name: str = "corpus") -> list[Article]:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    skips: list[Skip] = []
    articles = list(read([file], skips.append))
    assert not skips
    return articles


def test_gigaword_dates_its_stories_by_their_ids(tmp_path: Path) -> None:
    first, second = _read(
        tmp_path,
        f"""<DOC id="AFP_FRE_20090503.0007" type="story" >
<HEADLINE>
Le moulin ferme
</HEADLINE>
<DATELINE>
ARLE, 3 mai 2009 (AFP)
</DATELINE>
<TEXT>
<P>
{_FR}
</P>
</TEXT>
</DOC>
<DOC id="APW_ENG_20090504.0008" type="other" >
<TEXT>
{_EN}
</TEXT>
</DOC>
""",
    )
    assert (first.title, first.published, first.place, first.body, first.own_id) == (
        "Le moulin ferme", "2009-05-03", "ARLE", (_FR,), "AFP_FRE_20090503.0007",
    )  # fmt: skip
    assert (second.title, second.published, second.body) == ("", "2009-05-04", (_EN,))


def test_aquaint_keeps_codes_out_of_the_text(tmp_path: Path) -> None:
    (article,) = _read(
        tmp_path,
        f"""<DOC>
<DOCNO> NYT19990503.0009 </DOCNO>
<DATE_TIME> 1999-05-03 10:20 </DATE_TIME>
<HEADER>
A1234 &Cx1f; taf-z
</HEADER>
<BODY>
<SLUG> BC-MILL </SLUG>
<HEADLINE>
Mill to close
</HEADLINE>
By ADA QUILL
<TEXT>
<P>
{_EN}
</P>
</TEXT>
(PROFILE
(CAT:X))
</BODY>
<TRAILER>
NYT-05-03-99
</TRAILER>
</DOC>
""",
    )
    assert (article.title, article.authors, article.body) == (
        "Mill to close", ("Ada Quill",), (_EN,),
    )  # fmt: skip
    assert article.published == "1999-05-03T10:20:00"


def test_robust04_gives_section_page_and_outlet(tmp_path: Path) -> None:
    first, second, third = _read(
        tmp_path,
        f"""<DOC>
<DOCNO> LA050390-0001 </DOCNO>
<DATE><P>May 3, 1990, Thursday, Home Edition</P></DATE>
<SECTION><P>Metro; Part B; Page 7; Column 1</P></SECTION>
<LENGTH><P>20 words</P></LENGTH>
<HEADLINE><P>MILL TO CLOSE</P></HEADLINE>
<TEXT><P>{_EN}</P></TEXT>
</DOC>
<DOC>
<DOCNO>FT933-1</DOCNO>
<DATE>930503
</DATE>
<HEADLINE>
FT  03 MAY 93 / Mill to close
</HEADLINE>
<TEXT>
{_EN}
</TEXT>
<PUB>The Arle Times
</PUB>
<PAGE>
London Page 12
</PAGE>
</DOC>
<DOC>
<DOCNO> FBIS3-7 </DOCNO>
<HT> "dreas" </HT>
<HEADER>
<H2> March Reports </H2>
<DATE1> 3 May 1994 </DATE1>
<H3> <TI> Mill Will Close </TI></H3>
</HEADER>
<TEXT>
Language: <F P=105> English </F>
Article Type:BFN

{_EN}
</TEXT>
</DOC>
""",
    )
    assert (first.section, first.page, first.published) == ("Metro", "7", "1990-05-03")
    assert (second.source, second.page, second.published) == ("The Arle Times", "12", "1993-05-03")
    assert (third.title, third.published, third.body) == ("Mill Will Close", "1994-05-03", (_EN,))


def test_tables_without_names_are_known_by_their_values(tmp_path: Path) -> None:
    (news,) = _read(tmp_path, f'"2","Mühle schließt","{_DE}"\n', "train.csv")
    assert (news.title, news.lead) == ("Mühle schließt", _DE)
    (mind,) = _read(
        tmp_path, f'N7\tnews\tnewsworld\t"Mill" to close\t{_EN}\thttps://m.example/7\t[]\t[]\n',
        "news.tsv",
    )  # fmt: skip
    assert (mind.title, mind.section, mind.lead, mind.url) == (
        '"Mill" to close', "news", _EN, "https://m.example/7",
    )  # fmt: skip
    cells = [""] * 27
    cells[:5] = ["20220503081500-T7", "20220503081500", "1", "a.example", "https://a.example/7"]
    cells[9] = "4#Arle, Marlow#UK#X#1#2#3;1#Marlow#UK#X#1#2#4"
    cells[11] = "ada quill"
    cells[26] = "<PAGE_TITLE>M&#xFC;hle schlie&#xDF;t</PAGE_TITLE>"
    (gkg,) = _read(tmp_path, "\t".join(cells) + "\n", "a.gkg.csv")
    assert (gkg.title, gkg.url, gkg.published, gkg.places, gkg.people) == (
        "Mühle schließt", "https://a.example/7", "2022-05-03T08:15:00", ("Arle, Marlow", "Marlow"),
        ("Ada Quill",),
    )  # fmt: skip


def test_columns_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"7;3.5.2022;Mühle schließt;{_DE}\n8;4.5.2022;Brücke öffnet;{_DE}\n")
    skips: list[Skip] = []
    assert not list(read([file], skips.append))
    assert "--columns" in skips[0].reason
    with reading_as("id,date,title,text"):
        first, second = read([file], skips.append)
    assert (first.title, first.published, first.body) == ("Mühle schließt", "2022-05-03", (_DE,))
    assert second.title == "Brücke öffnet"


@pytest.mark.parametrize(("folder", "asked", "section"), [
    ("politics", False, "politics"), ("Wirtschaft", False, "Wirtschaft"), ("box7", False, ""),
    ("box7", True, "box7"),
])  # fmt: skip
def test_a_folder_can_name_the_section(
    folder: str, asked: bool, section: str, tmp_path: Path
) -> None:
    with reading_as(folders=asked):
        (article,) = _read(tmp_path, f"Mill to close\n\n{_EN}", f"{folder}/004.txt")
    assert article.section == section


def test_the_highlights_of_a_story_are_its_lead(tmp_path: Path) -> None:
    text = f"(CNN) -- {_EN}\n\n{_EN}\n\n@highlight\n\nMill shuts\n\n@highlight\n\nFlour is gone\n"
    (article,) = _read(tmp_path, text, "a.story")
    assert article.lead == "Mill shuts Flour is gone"
    assert "@highlight" not in repr(article.body)
    assert article.title == ""


def test_the_sender_of_an_article_in_a_newsgroup_wrote_it(tmp_path: Path) -> None:
    (article,) = _read(tmp_path, f"From: ada@mill.example (Ada Quill)\nSubject: Re: Mill to close\n"
                       f"Newsgroups: rec.mills\nLines: 3\n\n{_EN}\n", "53366")  # fmt: skip
    assert (article.title, article.authors, article.source) == (
        "Mill to close", ("Ada Quill",), "rec.mills",
    )  # fmt: skip
