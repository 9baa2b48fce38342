"""The scraped page that the layout is named after, and pages that differ from it in one thing."""

from __future__ import annotations

from pathlib import Path

from corpus.core.article import Article, Origin
from corpus.readers.scraped import parse_page_text
from corpus.reading import read


def parsed(text: str) -> Article:
    return parse_page_text(text, Origin("page.txt", 1, "scraped"))


def test_the_seed_is_taken_apart_exactly(shared: Path) -> None:
    (seed,) = read([shared / "seed"], print)
    assert seed.origin.reader == "scraped"
    assert seed.title == "Russia Sees 'Unlimited Possibilities' in Anti-Daesh Cooperation With US"
    assert seed.published is not None
    assert seed.published == "2017-01-30T13:19:00+03:00"
    assert seed.section == "Military & Intelligence"
    assert seed.topic == "Battle Against Daesh in Iraq"
    assert seed.tags == ("Daesh", "Sergei Lavrov", "United States", "Russia")
    assert seed.lead.startswith("Russia's top diplomat noted")
    assert (seed.place, seed.agency) == ("MOSCOW", "Sputnik")
    assert seed.credits == ("© Sputnik/ Maksim Blinov", "© Photo: Russian Defence Ministry")
    assert len(seed.captions) == 2 and seed.captions[0] == "Su-34"
    assert seed.related == ("Russia Does Not Rule Out Assistance to Iraq in Fight Against Daesh",)
    assert len(seed.body) == 7
    assert seed.body[0].startswith("Moscow sees nearly boundless possibilities in anti-Daesh")
    assert all("\xa0" not in paragraph for paragraph in seed.body)


HEADER = """13:19 GMT +330 January 2017
    Su-34

    Ministers Quarrel Over Price Labels

    © Sputnik/ Maksim Blinov
    Business
    Topic:
    Price Labels (3)
    0 166 0 0

    Ministers could not agree on the labels on Monday.

"""


def test_tags_inside_a_sentence_are_no_tags() -> None:
    page = parsed(
        HEADER + "    MOSCOW (Sputnik) — The list, under 'Tags: old', was long.\n\n"
        "    Tags: new, bigger and in three colours, are what the ministry wants, he said.\n\n"
        "    The debate goes on.\n\n    Tags:\n    prices, labels\n"
    )
    assert page.tags == ("prices", "labels")
    assert len(page.body) == 3


def test_labels_glued_to_the_line_before_are_found() -> None:
    page = parsed(
        HEADER.replace("Business\n    Topic:", "BusinessTopic:")
        + "    MOSCOW (Sputnik) — It went on all night.Tags:\n    prices, labels\n"
    )
    assert (page.section, page.topic, page.tags) == (
        "Business",
        "Price Labels",
        ("prices", "labels"),
    )
    assert page.body == ("It went on all night.",)


def test_an_update_may_stand_on_its_own_line() -> None:
    page = parsed(
        HEADER.replace("2017\n", "2017\n(Updated 15:20 GMT +330 January 2017)\n")
        + "    The debate goes on.\n"
    )
    assert page.updated is not None and page.updated[11:13] == "15"
    assert page.captions == ("Su-34",)


def test_a_credit_may_stand_above_the_headline() -> None:
    page = parsed(
        "13:19 GMT +330 January 2017\n    Su-34 at dusk\n    © AP Photo/ Jane Doe\n\n"
        "    Ministers Quarrel Over Price Labels\n    Business\n    0 166 0 0\n\n"
        "    Ministers could not agree.\n\n    The debate goes on.\n"
    )
    assert (page.title, page.section) == ("Ministers Quarrel Over Price Labels", "Business")


def test_a_page_without_a_headline_invents_none() -> None:
    page = parsed(
        HEADER.replace("    Ministers Quarrel Over Price Labels\n\n", "")
        + "    MOSCOW (Sputnik) — The debate goes on.\n"
    )
    assert page.title == ""
    assert page.captions == ("Su-34",)


def test_related_headlines_below_the_text_and_furniture_are_not_body() -> None:
    page = parsed(
        HEADER + "    MOSCOW (Sputnik) — The debate goes on.\n\n"
        "    READ MORE: Ministers Agree on Nothing at All\n\n"
        "    Never miss a story again — sign up to our Telegram channel!\n\n"
        "    Related:\n\n    What the labels cost\n    Topic:\n    Price Labels (3)\n"
        "    Other Labels (12)\n"
    )
    assert page.body == ("The debate goes on.",)
    assert page.related == ("What the labels cost", "Ministers Agree on Nothing at All")


def test_text_saved_twice_in_the_wrong_character_set_is_mended() -> None:
    text = HEADER + "    MOSCOW (Sputnik) — We go on, he said… and left.\n"
    page = parsed(text.encode().decode("cp1252", "replace"))
    assert page.credits == ("© Sputnik/ Maksim Blinov",)
    assert (page.place, page.agency) == ("MOSCOW", "Sputnik")
