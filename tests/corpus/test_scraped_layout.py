"""Pages written in the scraped layout from known parts are taken apart into the same parts."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from corpus.core.article import Article, Origin
from corpus.readers.scraped import parse_page_text, sniff
from corpus.text.text import decode

TITLES = (
    "Harbour Council Votes to Keep the Old Bridge",
    "Ministers Quarrel 'Until Dawn' Over Price Labels",
    "Who Will Pay for the Second Tramline in Harrow Bay?",
    "“Nobody Asked Us”: Fishermen Reject New Herring Quota",
    "Merrow Coast Signs Trade Pact With U.S.",
    "Storm Corran: What We Know So Far",
    "Island of 140 people asks to be left off the map",
    "Skelmouth's Biggest Crane Sold at Auction to Unknown Bidder From Tarnwick",
    "Ready to Sail!",
)
CAPTIONS = (
    "Su-34",
    "The old bridge at dusk",
    "Mayor Ilse Harkaway speaks to reporters in Harrow Bay, Merrow Coast, January 28, 2017. (File)",
    "A tram in Station Square",
    "Fishing boats leave the harbour of Skelmouth after the storm",
    "Prime Minister Ottoline Brandt",
    "Customs Steps",
)
CREDITS = (
    "© Sputnik/ Maksim Blinov",
    "© AP Photo/ Jane Doe",
    "© AP Photo/ Jane Doe, File",
    "© AFP 2017/ JOHN ROE",
    "© REUTERS/ Max Mustermann",
    "© REUTERS/ Max Mustermann/File Photo",
    "© Getty Images / Spencer Someone",
    "© Flickr/ Some One",
    "© Photo: Russian Defence Ministry",
    "© Photo : Pixabay",
    "© Photo: Youtube/ Some Channel",
    "© East News/ AFP",
    "© Fotolia/ kentoh",
    "© Sputnik/ Host photo agency",
    "CC BY 2.0 / Some One / Harbour by night",
    "CC BY-SA 3.0 / Some One",
    "CC0",
    "Public Domain",
    "AP Photo/ Jane Doe",
    "AFP/ John Roe",
    "REUTERS/ Max Mustermann",
    "Photo: Twitter/ @someone",
    "© Twitter/ Some One",
    "© NASA . Some Telescope",
)
SECTIONS = (
    "World",
    "Military & Intelligence",
    "Middle East",
    "US",
    "Asia & Pacific",
    "Business",
    "Russia",
    "Society",
    "Columnists",
    "Tech",
    "Art & Living",
)
TOPICS = (
    "Battle for the Old Bridge",
    "Herring Quota Dispute",
    "Donald Trump's First 100 Days",
    "Syria",
    "Brexit: What Next?",
)
COUNTERS = ("0 166 0 0", "12 2141 3 1", "0 12.5K 0 0", "166", "1 20 300 4000 5")
LEADS = (
    "The council of Harrow Bay voted on Tuesday to keep the old bridge open for another year.",
    'Nobody "knows what it will cost," the ministry said, but everybody will have to pay.',
    "Is there a plan? The mayor says so.",
)
DATELINES = (
    ("MOSCOW (Sputnik)\xa0— ", "MOSCOW", "Sputnik", ()),
    ("HARROW BAY (AP) — ", "HARROW BAY", "AP", ()),
    ("WASHINGTON (Sputnik) - ", "WASHINGTON", "Sputnik", ()),
    ("BEIJING (Xinhua) –\xa0", "BEIJING", "Xinhua", ()),
    ("LONDON, January 30 (Sputnik) — ", "LONDON", "Sputnik", ()),
    ("ANKARA (Sputnik), Jane Roe — ", "ANKARA", "Sputnik", ("Jane Roe",)),
    ("UNITED NATIONS (Sputnik) —", "UNITED NATIONS", "Sputnik", ()),
    ("", "", "", ()),
)
PARAGRAPHS = (
    "Moscow sees nearly boundless possibilities in\xa0 cooperation with\xa0 the council.",
    '"We will not close it," the mayor said.',
    '"It is a bridge… and it stays a bridge, whatever the engineers may say about it," he added.',
    "“We are ready for that at any time,” said the engineer, “and so is the bridge.”",
    "The vote was close, nineteen to twelve, after a debate of six hours.",
    "What happens next?",
    "The spokesman said:",
    'Under the heading "Tags: a Study" the report counts 1,400 of them, the U.S. ministry said.',
    "Tags: they are a burden, the minister said, and nobody but the printers will be glad of them.",
    "The paper deals with the Topic: Prices, and with nothing else, its editor told Sputnik.",
    "On January 27, the ministry had published a list of 35 bridges.",
    "He was born in 1984.",
    "Foreign Minister Sergei Ivanov, Defence Minister Jane Doe and Prime Minister John Roe met on "
    "Monday in Harrow Bay.",
    "(The price was later lowered by a third.)",
)
RELATED = (
    "Russia Does Not Rule Out Assistance to Council in Fight Against Rust",
    "Bridge Engineers Warn of Cracks in Southern Pillar",
    "Will Ministers Ever Agree on Any Label?",
    "'A Big Mistake': Trams Stop for the Third Day in a Row",
    "WATCH Biggest Crane of Skelmouth Fall Into the Sea",
    "What the Labels Will Cost Every One of Us - Study",
)
TAGS = ("Daesh", "Sergei Lavrov", "United States", "U.S.", "Russia", "Donald J. Trump", "bridge",
        "Ministry of Foreign Affairs", "São Paulo", "G-20")  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


@dataclass
class Page:
    """The parts of a page, as they go into it and must come out of it."""

    published: str = ""
    updated: str = ""
    title: str = ""
    section: str = ""
    topic: str = ""
    lead: str = ""
    place: str = ""
    agency: str = ""
    authors: tuple[str, ...] = ()
    body: list[str] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    captions: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)


def clean(text: str) -> str:
    return " ".join(text.split())


def written(dice: random.Random) -> tuple[str, Page]:
    """Write a page: its text, and the parts that were put into it."""
    page = Page()
    indent = dice.choice(("    ", "    ", "    ", "", "\t"))
    blocks: list[list[str]] = []
    day, month = dice.randint(1, 28), dice.randint(1, 12)
    hour, minute = dice.randint(0, 22), dice.randint(0, 59)
    zone = dice.choice((3, 3, 3, 2, 4))
    stamp = f"{hour:02}:{minute:02} GMT +{zone}{day} {MONTHS[month - 1]} 2017"
    page.published = f"2017-{month:02}-{day:02}T{hour:02}:{minute:02}:00+0{zone}:00"
    if dice.random() < 0.4:
        space = dice.choice(("", " "))
        again = f"{hour + 1:02}:{minute:02} GMT +{zone}{day} {MONTHS[month - 1]} 2017"
        stamp += f"{space}(Updated {again})"
        page.updated = f"2017-{month:02}-{day:02}T{hour + 1:02}:{minute:02}:00+0{zone}:00"
    first = [stamp]
    page.title = dice.choice(TITLES)
    picture = dice.random() < 0.8
    if picture and dice.random() < 0.85:
        caption = dice.choice(CAPTIONS)
        first.append(indent + caption)
        page.captions.append(caption)
    blocks.append(first)
    blocks.append([indent + page.title])
    marks = []
    if picture:
        credit = dice.choice(CREDITS)
        marks.append(credit)
        page.credits.append(credit)
    if dice.random() < 0.9:
        page.section = dice.choice(SECTIONS)
        marks.append(page.section)
    topic = dice.choice(TOPICS) if dice.random() < 0.5 else ""
    counted = f"{topic} ({dice.randint(1, 400)})" if dice.random() < 0.9 else topic
    if topic:
        page.topic = topic
        marks.extend(("Topic:", counted))
    # With neither counters nor topic nor section nothing says that a lead follows.
    if dice.random() < 0.9 or not (page.section or topic):
        marks.append(dice.choice(COUNTERS))
    blocks.append([indent + mark for mark in marks])
    if dice.random() < 0.85:
        page.lead = dice.choice(LEADS)
        blocks.append([indent + page.lead])
    opening, page.place, page.agency, page.authors = dice.choice(DATELINES)
    if not page.lead and not opening:
        opening, page.place, page.agency, page.authors = DATELINES[0]
    paragraphs = dice.sample(PARAGRAPHS, dice.randint(2, 8))
    if not paragraphs[0][0].isalpha() or paragraphs[0].startswith("Tags"):
        paragraphs[0] = "The debate was long, and nobody left before the end."
    for number, paragraph in enumerate(paragraphs):
        block: list[str] = []
        while number and dice.random() < 0.3 and len(block) < 6:
            block += embedded(dice, page, block)
        block.append((opening if not number else "") + paragraph)
        page.body.append(paragraph)
        blocks.append([indent + line for line in block])
    if topic and dice.random() < 0.8:
        blocks.append([indent + "Topic:", indent + counted])
    if dice.random() < 0.8:
        page.tags = tuple(dice.sample(TAGS, dice.randint(1, 6)))
        blocks.append([indent + "Tags:", indent + ", ".join(page.tags)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n", page


def embedded(dice: random.Random, page: Page, above: list[str]) -> list[str]:
    """Write an embedded block: a picture with or without a related headline, or that alone."""
    kind = dice.random()
    related = dice.choice([one for one in RELATED if one not in page.related] or ["More"])
    if related == "More":
        return []
    if kind < 0.15:
        page.related.append(related)
        return [related]
    caption, credit = dice.choice(CAPTIONS), dice.choice(CREDITS)
    lines = []
    if kind < 0.85:
        lines.append(caption)
        page.captions.append(caption)
    lines.append(credit)
    page.credits.append(credit)
    if kind < 0.9:
        lines.append(related)
        page.related.append(related)
    return lines


def parts(article: Article) -> Page:
    return Page(
        published=article.published or "",
        updated=article.updated or "",
        title=article.title,
        section=article.section,
        topic=article.topic,
        lead=article.lead,
        place=article.place,
        agency=article.agency,
        authors=article.authors,
        body=list(article.body),
        tags=article.tags,
        captions=list(article.captions),
        credits=list(article.credits),
        related=list(article.related),
    )


def expected(page: Page) -> Page:
    return Page(
        **{
            **page.__dict__,
            "body": [clean(one) for one in page.body],
            "captions": list(dict.fromkeys(page.captions)),
            "credits": list(dict.fromkeys(page.credits)),
        }
    )


ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "windows-1252": lambda text: text.encode("cp1252"),
    "carriage returns": lambda text: text.replace("\n", "\r\n").encode(),
    "blank lines doubled": lambda text: text.replace("\n\n", "\n\n\n").encode(),
    "trailing spaces": lambda text: text.replace("\n", "  \n").encode(),
    "utf-8 read as windows-1252": lambda text: text.encode().decode("cp1252", "replace").encode(),
}


@pytest.mark.parametrize("seed", range(400))
def test_a_written_page_is_taken_apart_into_what_was_put_into_it(seed: int) -> None:
    text, page = written(random.Random(seed))
    assert sniff(text.encode(), "page.txt") > 0.5
    read = parse_page_text(text, Origin("page.txt", 1, "scraped"))
    assert parts(read) == expected(page)


@pytest.mark.parametrize("how", [how for how in ENCODINGS if "read as" not in how])
@pytest.mark.parametrize("seed", range(20))
def test_the_bytes_of_a_page_do_not_matter(how: str, seed: int) -> None:
    text, page = written(random.Random(1000 + seed))
    raw = ENCODINGS[how](text)
    assert sniff(raw, "page.txt") > 0.5
    read = parse_page_text(decode(raw), Origin("page.txt", 1, "scraped"))
    assert parts(read) == expected(page)
