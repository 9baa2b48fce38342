"""Every format is known by its content and gives the articles that its file holds."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.core.article import Article, Origin
from corpus.core.wire import article_json
from corpus.readers import FORMATS, reader_of, readers, reuters
from corpus.readers.protocol import ENDING, HEAD_BYTES, Skip
from corpus.reading import read

FIXTURES = Path(__file__).parent / "fixtures"
MESSAGE = "message.newsml.xml"


def read_all(*paths: Path) -> tuple[list[Article], list[Skip]]:
    skips: list[Skip] = []
    return list(read(paths, skips.append)), skips


def fields(article: Article, *names: str) -> dict[str, object]:
    found = {name: getattr(article, name) for name in names}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in found.items()
    }


KNOWN = {
    "story.sgm": "reuters",
    "wordpress.json": "json",
    "guardian.json": "json",
    "bulk.jsonl": "jsonl",
    "table.csv": "csv",
    "table.tsv": "csv",
    "news.rss": "feed",
    "news.atom": "feed",
    "news.rdf": "feed",
    MESSAGE: "newsml",
    "story.nitf.xml": "nitf",
    "item.ninjs.json": "ninjs",
    "item.ninjs2.json": "ninjs",
    "letter.eml": "mail",
    "box.mbox": "mail",
    "yaml.md": "markdown",
    "toml.md": "markdown",
    "2023-04-08-typescript.txt": "text",
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_format_is_known_by_its_content(name: str) -> None:
    head = (FIXTURES / name).read_bytes()[:HEAD_BYTES]
    reader = reader_of(head, name)
    assert reader is not None and KNOWN[name] == reader.NAME


@pytest.mark.parametrize("name", [name for name in KNOWN if KNOWN[name] not in ("text",)])
@pytest.mark.parametrize("ending", [".txt", ".dat", ""])
def test_the_ending_is_not_needed(name: str, ending: str) -> None:
    head = (FIXTURES / name).read_bytes()[:HEAD_BYTES]
    reader = reader_of(head, "anything" + ending)
    assert reader is not None and KNOWN[name] == reader.NAME


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a", "a.txt", "a.html", "a.csv", "a.xml"])
@pytest.mark.parametrize("url", ["", r"https://quay.example/\u00e9?a=\"b\""])
def test_what_an_archive_wrote_is_known_by_how_it_begins(name: str, url: str) -> None:
    line = article_json(Article(id="0123456789abcdef", title="T", body=("It floods.",)))
    line = line.replace(b'"url":""', b'"url":"%b"' % url.encode())
    for head in (line, line + b"\n" + line):
        assert reader_of(head, name) is max(readers(), key=lambda one: one.sniff(head, name))


def test_an_export_is_read_without_what_reads_pages(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        article_json(Article(id="0123456789abcdef", title="T", language="en")) + b"\n"
    )
    code = (
        "import sys; from corpus.reading import read;"
        f"(one,) = read([{str(tmp_path)!r}], print); assert one.title == 'T';"
        "assert not {'bs4', 'yaml', 'corpus.html'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_reader_keeps_to_the_contract() -> None:
    assert len(readers()) == len(FORMATS)
    names = [reader.NAME for reader in readers()]
    assert len(set(names)) == len(names)
    for reader in readers():
        for head in (b"", b"\0", b"\xff\xfe", b"<", b"{", b"[", b"---\n", b"From ", b"\x80" * 50):
            assert 0 <= reader.sniff(head, "") <= 1
        assert reader.sniff(b"", "a.xyz") <= ENDING


UNPROCESSED = [
    ("REEF MINE SHUT FOR A WEEK PORT VELL, March 3 - The mine was shut.\n    It floods.",
     "REEF MINE SHUT FOR A WEEK", "PORT VELL", ("The mine was shut.", "It floods.")),
    ("VELL HERRING 1300 - APR 7\nMTH BYR SLR\nMay 12 13", "VELL HERRING 1300 - APR 7", "",
     ("MTH BYR SLR May 12 13",)),
    ("VELL FORWARDS OPG - APRIL 7 one month 4/5\ntwo 8/9", "VELL FORWARDS OPG - APRIL 7", "",
     ("one month 4/5 two 8/9",)),
    ("REEF MINE OPENS\nAGAIN - OWNER\n    It opened.", "REEF MINE OPENS AGAIN - OWNER", "",
     ("It opened.",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title", "place", "body"), UNPROCESSED)
def test_a_title_does_not_swallow_the_text_behind_it(
    text: str, title: str, place: str, body: tuple[str, ...]
) -> None:
    element = f'<REUTERS NEWID="1">\n<TEXT TYPE="UNPROC">&#2;\n{text}\n REUTER\n&#3;</TEXT>\n'
    article = reuters.parse_element(element.encode(), Origin("story.sgm", 1, "reuters"))
    assert (article.title, article.place, article.body) == (title, place, body)


def test_reuters_stories_of_all_three_kinds() -> None:
    (norm, brief, unproc, empty), skips = read_all(FIXTURES / "story.sgm")
    assert skips == []
    assert fields(
        norm, "title", "body", "published", "tags", "places", "people", "orgs", "exchanges",
        "authors", "agency", "source", "place",
    ) == {
        "title": "SKELMOUTH <SKM> SELLS HERRING & CHIPS",
        "body": (
            "Skelmouth Fisheries Inc <SKM> said it sold its chip shops for 12.5 mln crowns.",
            "The buyer was not named.",
            "Net loss 807,000 vs profit 2,858,000",
        ),
        "published": "1987-03-03T09:15:05",
        "tags": ("herring", "trade"),
        "places": ("merrow-coast",),
        "people": ("brandt",),
        "orgs": ("fishermens-guild",),
        "exchanges": ("carrow-exchange",),
        "authors": ("Jane Doe",),
        "agency": "Reuters",
        "source": "Reuters",
        "place": "PORT VELL, Merrow",
    }  # fmt: skip
    assert brief.title == "HARROW BAY BANK CUTS PRIME RATE TO SEVEN PCT"
    assert brief.body == ()
    assert fields(brief, "published") == {"published": "1987-03-27T00:03:35"}
    assert unproc.title == "CORRECTION - VELL FERRY ITEM, SECOND CORRECTION"
    assert unproc.body == ("In Port Vell item please read fare as 1.20 crowns, not 12.00 crowns.",)
    assert unproc.published is None, "30 February is not a day"
    assert (empty.title, empty.body) == ("", ())
    assert len({norm.id, brief.id, unproc.id, empty.id}) == 4


def test_feeds_in_all_three_dialects() -> None:
    (trams, bomb), _ = read_all(FIXTURES / "news.rss")
    assert fields(
        trams, "title", "lead", "body", "published", "authors", "agency", "tags", "source", "url",
        "captions", "credits", "place",
    ) == {
        "title": "Trams & ferries: a day without either & more",
        "lead": "Nothing moved on Friday.",
        "body": ("Nothing moved at all.", "Then the sun came out & everybody walked."),
        "published": "2023-06-16T11:00:00+02:00",
        "authors": ("Jane Doe",),
        "agency": "AP",
        "tags": ("trams", "Ferries"),
        "source": "The Tarnwick Observer & Post",
        "url": "https://observer.example/trams",
        "captions": ("An empty street",),
        "credits": ("Jane Doe",),
        "place": "TARNWICK",
    }  # fmt: skip
    assert bomb.title == "&bomb; &file;", "entities of the document's own are not expanded"
    assert (bomb.url, bomb.authors) == ("https://observer.example/second", ("John Roe",))
    ((greve,), _) = read_all(FIXTURES / "news.atom")
    assert fields(greve, "title", "body", "url", "tags", "language", "published") == {
        "title": "La grève dure",
        "body": ("Les négociations ont échoué mercredi.", "Une réunion est prévue vendredi."),
        "url": "https://courrier.example/greve",
        "tags": ("Grève",),
        "language": "fr",
        "published": "2023-06-16T09:00:00+00:00",
    }
    ((old,), _) = read_all(FIXTURES / "news.rdf")
    assert (old.title, old.source, old.tags) == ("An old item", "Old Paper", ("history",))


def test_newsml_with_nitf_inside_and_items_that_are_no_articles() -> None:
    (gold, plain), skips = read_all(FIXTURES / MESSAGE)
    assert fields(
        gold, "title", "lead", "body", "published", "updated", "authors", "tags", "people", "orgs",
        "places", "source", "place", "captions", "language",
    ) == {
        "title": "Eight win gold",
        "lead": "By eleven hundredths of a second.",
        "body": ("They won.", "“Tea” was waiting."),
        "published": "2024-08-03T14:20:00+02:00",
        "updated": "2024-08-03T16:00:00+02:00",
        "authors": ("Jane Doe", "John Roe"),
        "tags": ("rowing", "trade"),
        "people": ("Ilse Harkaway",),
        "orgs": ("Harbour Office",),
        "places": ("Harrow Bay",),
        "source": "Meridian Wire",
        "place": "Carrow",
        "captions": ("The crew at the finish",),
        "language": "en",
    }  # fmt: skip
    assert plain.body == ("One.", "Two.")
    assert [(skip.position, skip.reason) for skip in skips] == [
        (2, "it is no text but picture"),
        (3, "it was cancelled by its publisher"),
    ]


def test_nitf() -> None:
    ((swim,), _) = read_all(FIXTURES / "story.nitf.xml")
    assert fields(
        swim, "title", "lead", "body", "published", "authors", "place", "section", "captions",
        "credits", "tags", "people", "url",
    ) == {
        "title": "Four hundred swim across Harrow Bay",
        "lead": "In water of six degrees.",
        "body": (
            "The swim had been in doubt.",
            "Cold",
            "First ashore was Ffion Marlowe & her dog.",
        ),
        "published": "2024-01-01T13:00:00+02:00",
        "authors": ("Jane Doe",),
        "place": "HARROW BAY",
        "section": "Sport",
        "captions": ("The start",),
        "credits": ("John Roe",),
        "tags": ("swimming",),
        "people": ("Ilse Harkaway",),
        "url": "https://wire.example/77",
    }  # fmt: skip


def test_ninjs_of_both_versions() -> None:
    ((clocks,), _) = read_all(FIXTURES / "item.ninjs.json")
    assert fields(
        clocks, "title", "lead", "body", "published", "updated", "authors", "place", "tags",
        "people", "captions",
    ) == {
        "title": "Coast keeps its clocks",
        "lead": "For the fifty-first year running.",
        "body": ("Nothing was put forward.", "Visitors missed their trains."),
        "published": "2024-03-31T03:30:00+02:00",
        "updated": "2024-04-01T03:30:00+02:00",
        "authors": ("Jane Doe",),
        "place": "Harrow Bay",
        "tags": ("time", "clocks"),
        "people": ("Ilse Harkaway",),
        "captions": ("A clock",),
    }  # fmt: skip
    ((second,), _) = read_all(FIXTURES / "item.ninjs2.json")
    assert (second.title, second.body) == ("The main headline", ("One.", "Two."))


def test_a_letter_without_its_signature_and_attachments() -> None:
    ((letter,), _) = read_all(FIXTURES / "letter.eml")
    assert fields(letter, "title", "published", "source", "url", "tags") == {
        "title": "Tram crosses the harbour – at last",
        "published": "2024-09-25T18:00:00+02:00",
        "source": "The Courier at Seven",
        "url": "https://courier.example/letters/5010",
        "tags": ("tram", "Ember Bridge"),
    }
    assert letter.body[0].endswith("and the café stays.")
    assert len(letter.body) == 2


def test_a_mailbox_message_by_message() -> None:
    (first, second), (empty,) = read_all(FIXTURES / "box.mbox")
    assert first.body == (
        "The first letter is about bees. From here on it is quoted.",
        "It has two paragraphs.",
    )
    assert second.body == ("The second letter is in HTML.", "It comes as one part.")
    assert empty.position == 3


def test_a_letter_says_where_it_is_from_in_any_of_three_headers(tmp_path: Path) -> None:
    letter = (
        "From: =?utf-8?q?Doe=2C_Jane?= <jane@paper.example>\nSubject: Bees\nMessage-ID: <1@x>\n"
        "Date: Mon, 2 Jan 2023 10:00:00 +0000\nList-Archive: <https://list.example/>\n"
        "{header}: <https://paper.example/bees>\n\n" + "The bees are back in the old park. " * 9
    )
    for header in ("Archived-At", "X-Original-URL", "Content-Location"):
        (tmp_path / "a.eml").write_text(letter.format(header=header))
        ((article,), _) = read_all(tmp_path / "a.eml")
        assert (article.url, article.source) == ("https://paper.example/bees", "Doe, Jane")
    (tmp_path / "a.eml").write_text(letter.format(header="X-Other"))
    ((article,), _) = read_all(tmp_path / "a.eml")
    assert not article.url  # all letters of a list have one List-Archive


def test_markdown_loses_its_marks() -> None:
    ((article,), _) = read_all(FIXTURES / "yaml.md")
    assert fields(article, "title", "published", "tags", "authors", "captions", "body") == {
        "title": "Orchestra crosses the harbour",
        "published": "2023-03-10T08:40:00+02:00",
        "tags": ("music", "Ember Bridge"),
        "authors": ("Jane Doe",),
        "captions": ("The boats, loaded",),
        "body": (
            "With the Ember Bridge closed, eighty-four musicians were brought across.",
            '"There is a certain freshness in the sound," said the timpanist.',
            "After the concert",
            "Some walked.",
            "Others swam.",
            "a | b",
            "He lost 3 * 4 * 5 crowns and a_file_name.",
        ),
    }
    ((toml,), _) = read_all(FIXTURES / "toml.md")
    assert (toml.title, toml.tags) == ("In TOML", ("a", "b"))
    ((plain,), _) = read_all(FIXTURES / "plain.md")
    assert plain.title == "The headline is the first heading"
    assert plain.body == ("The text follows it.",)


def test_drafts_stay_at_home(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: Not yet\ndraft: true\n---\nText\n")
    articles, (skip,) = read_all(tmp_path)
    assert articles == [] and skip.reason == "it is a draft, not published"


def test_plain_text_has_its_title_first_and_its_day_in_its_name() -> None:
    ((article,), _) = read_all(FIXTURES / "2023-04-08-typescript.txt")
    assert fields(article, "title", "authors", "published", "date_source", "body") == {
        "title": "Pensioner with dinghy becomes a ferry company",
        "authors": ("Jane Doe",),
        "published": "2023-04-08",
        "date_source": "file",
        "body": (
            "Walter Tansy, 76, who rowed two nurses across the harbour, has been rowing ever "
            "since.",
            "He takes four at a time.",
        ),
    }


NUMBERED = ("csv", "json")


def test_huffpost_simply_works(shared: Path) -> None:
    articles, skips = read_all(shared / "huffpost.jsonl")
    assert len(articles) == 9999 and skips == []
    first = articles[0]
    assert fields(first, "title", "section", "authors", "agency", "published", "language") == {
        "title": "Over 4 Million Americans Roll Up Sleeves For Omicron-Targeted COVID Boosters",
        "section": "U.S. NEWS",
        "authors": ("Carla K. Johnson",),
        "agency": "AP",
        "published": "2022-09-23",
        "language": "en",
    }
    assert all(article.title and article.url and article.published for article in articles)


def test_all_of_reuters_is_read_and_no_story_is_lost(shared: Path) -> None:
    articles, skips = read_all(shared / "reuters21578")
    assert len(articles) == 21_578 and skips == []
    assert len({article.id for article in articles}) == 21_578
    assert all(article.published for article in articles)
    assert sum("cocoa" in article.tags for article in articles) == _marked(
        shared / "reuters21578", b"<TOPICS>", b"<D>cocoa</D>"
    )
    assert sum("ivory-coast" in article.places for article in articles) == _marked(
        shared / "reuters21578", b"<PLACES>", b"<D>ivory-coast</D>"
    )


def _marked(folder: Path, line: bytes, mark: bytes) -> int:
    """Count, by a plain scan of the lines, the stories that are marked so."""
    return sum(
        text.startswith(line) and mark in text
        for path in sorted(folder.glob("*.sgm"))
        for text in path.read_bytes().split(b"\n")
    )


def test_the_same_folder_gives_the_same_articles_again(tmp_path: Path) -> None:
    for name in KNOWN:
        shutil.copy(FIXTURES / name, tmp_path / name)
    first, skipped = read_all(tmp_path)
    second, again = read_all(tmp_path)
    assert first == second and skipped == again
    moved = tmp_path.parent / f"{tmp_path.name}-moved-{random.random()}"
    tmp_path.rename(moved)
    elsewhere, _ = read_all(moved)
    # An id that counts from one is an id only together with the name of its file's folder.
    kept = [article for article in first if article.origin.reader not in NUMBERED]
    assert [article.id for article in elsewhere if article.origin.reader not in NUMBERED] == [
        article.id for article in kept
    ]
