"""Articles too short to tell their language take that of their source, else the archive's."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet import commands
from corpus.core.article import Article
from indexer.store.snapshot import Settings
from indexer.update.update import update, update_from_articles
from indexer.whoosh.archive import Archive, FolderStore
from search.engine import open_engine
from search.request import Request

ENGLISH = "The pilot said that the harbour was closed for the night because of the storm."
GERMAN = "Der Lotse sagte, dass der Hafen in der Nacht wegen des Sturms nicht offen war."
FRENCH = "Le pilote a dit que le port est dans la nuit pour une heure avec les autres."

RECORDS = [
    {"id": "1", "title": "Harbour closed", "body": ENGLISH, "source": "The Dock"},
    {"id": "2", "title": "Ferry late", "body": ENGLISH, "source": "The Dock"},
    {"id": "3", "title": "Hafen zu", "body": GERMAN, "source": "Der Kai"},
    {"id": "4", "title": "Proteste vor Museen", "source": "Der Kai"},
    {"id": "5", "title": "Protests rock Ormsk", "source": "The Dock"},
    {"id": "6", "title": "Wildfires near Tarn"},
    {"id": "7", "title": "Brand bei Tarn", "language": "de"},
    {"id": "8", "title": "Grèves annoncées", "source": "Le Quai"},
    {"id": "9", "title": "Port", "body": FRENCH, "source": "Le Quai"},
]
EXPECTED = {"4": "de", "5": "en", "6": "en", "7": "de", "8": "fr"}


def written(folder: Path, records: list[dict[str, str]], name: str = "in.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def articles_in(folder: Path) -> dict[str, Article]:
    with Archive.open(folder) as archive:
        return {article.own_id: article for _, article, _ in archive.articles()}


def languages_in(folder: Path) -> dict[str, str]:
    return {own: article.language for own, article in articles_in(folder).items()}


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_articles_come_does_not_matter(tmp_path: Path, seed: int) -> None:
    shuffled = RECORDS[:]
    random.Random(seed).shuffle(shuffled)
    update(FolderStore(tmp_path / "a"), [written(tmp_path, shuffled)], processes=1)
    found = languages_in(tmp_path / "a")
    assert {own: found[own] for own in EXPECTED} == EXPECTED


def test_what_was_assumed_is_said(tmp_path: Path) -> None:
    summary = update(FolderStore(tmp_path / "a"), [written(tmp_path, RECORDS)], processes=1)
    assert any("too short to tell their language" in note for note in summary.notes)
    found = articles_in(tmp_path / "a")
    assert ("language", "assumed from its source") in found["5"].provenance
    assert ("language", "assumed from the archive") in found["6"].provenance
    assert not any("assumed" in where for _, where in found["7"].provenance)
    again = update(FolderStore(tmp_path / "a"), [written(tmp_path, RECORDS)], processes=1)
    assert (again.unchanged, again.changed, again.notes) == (len(RECORDS), 0, ())


def test_later_articles_go_by_what_the_archive_has(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "a")
    update(store, [written(tmp_path, RECORDS[:4])], processes=1)
    update(store, [written(tmp_path, [RECORDS[4], RECORDS[5]], "more.jsonl")], processes=1)
    assert languages_in(tmp_path / "a").items() >= {"5": "en", "6": "en", "4": "de"}.items()


def test_the_main_language_can_be_set(tmp_path: Path) -> None:
    settings = Settings(language="de")
    source = written(tmp_path, RECORDS)
    update(FolderStore(tmp_path / "a", settings=settings), [source], processes=1)
    found = languages_in(tmp_path / "a")
    assert (found["5"], found["6"]) == ("en", "de")


def test_an_archive_taken_from_another_assumes_anew(tmp_path: Path) -> None:
    update(FolderStore(tmp_path / "a"), [written(tmp_path, RECORDS)], processes=1)
    store = FolderStore(tmp_path / "b", settings=Settings(language="fr"))
    update_from_articles(store, FolderStore(tmp_path / "a").articles())
    assert languages_in(tmp_path / "b").items() >= {"4": "de", "5": "en", "6": "fr"}.items()


def test_headlines_alone_show_their_language_together(tmp_path: Path) -> None:
    titles = (
        "Protests rock Ormsk", "Senators tweet apologies", "Protest leader jailed",
        "Mayor to open the bridge", "What we know of the fire", "Two held after raid on the bank",
    )  # fmt: skip
    records = [{"id": str(number), "title": title} for number, title in enumerate(titles)]
    update(FolderStore(tmp_path / "a"), [written(tmp_path, records)], processes=1)
    engine = open_engine(index=tmp_path / "a")
    for word in ("protest", "protests", "Protesting"):
        assert engine.search(Request(text=word)).total == 2
    assert engine.search(Request(text="apology")).total == 1
    engine.close()


MIXED = {
    "en": ("Rents rise again", "Dogs saved from fire", "Bakers win prize", "Mayors meet",
           "Snow shuts schools", "Thieves take bells", "Nurses walk out", "Bus crashes into wall"),
    "de": ("Mieten steigen wieder", "Hunde vor Feuer gerettet", "Bäcker geehrt", "Züge fallen aus",
           "Schulen wegen Schnee geschlossen", "Diebe stehlen Glocken", "Pfleger streiken",
           "Bus fährt gegen Mauer"),
    "fr": ("Loyers en hausse", "Chiens sauvés", "Boulangers primés", "Trains supprimés",
           "Écoles fermées", "Cloches volées", "Grève des infirmières", "Un bus heurte un mur"),
    "es": ("Suben los alquileres", "Perros rescatados", "Panaderos premiados", "Trenes parados",
           "Escuelas cerradas", "Ladrones de campanas", "Huelga de enfermeras", "Choca un autobús"),
}  # fmt: skip


@pytest.mark.parametrize("sources", [False, True])
def test_headlines_of_several_languages_keep_their_own(tmp_path: Path, sources: bool) -> None:
    """Also where the few that are long enough to tell are all in one."""
    records = [
        {"id": f"{code}{number}", "title": title, "source": f"The {code}" if sources else ""}
        for number, titles in enumerate(zip(*MIXED.values(), strict=True))
        for code, title in zip(MIXED, titles, strict=True)
    ]
    records.append({"id": "fr long", "title": "Grève", "body": FRENCH, "source": "Un"})
    update(FolderStore(tmp_path / "a"), [written(tmp_path, records)], processes=1)
    found = languages_in(tmp_path / "a")
    assert {own: code for own, code in found.items() if own[:2] != code} == {}
    more = [{"id": "de new", "title": "Bäcker und Hunde"}, {"id": "en new", "title": "Bakers"}]
    update(FolderStore(tmp_path / "a"), [written(tmp_path, more, "more.jsonl")], processes=1)
    found = languages_in(tmp_path / "a")
    assert (found["de new"], found["en new"]) == ("de", "en")


@pytest.mark.parametrize("title", ["Ormsk", "Zidane", "Tarn 7", ""])
def test_what_could_be_any_language_has_none(tmp_path: Path, title: str) -> None:
    record = {"id": "x", "title": title, "url": "https://a.example/x", "body": "7"}
    update(FolderStore(tmp_path / "a"), [written(tmp_path, [record])], processes=1)
    assert languages_in(tmp_path / "a") == {"x": ""}


def test_an_article_read_again_counts_as_it_was_read_last(tmp_path: Path) -> None:
    first = {"id": "x", "title": "Wildfires near Tarn"}
    second = {"id": "x", "title": "Fires near Tarn", "body": ENGLISH}
    for name, pair in (("a", (first, second)), ("b", (second, first))):
        update(FolderStore(tmp_path / name), [written(tmp_path, list(pair))], processes=1)
        assert articles_in(tmp_path / name)["x"].title == pair[1]["title"]


def test_the_command_takes_a_language_and_keeps_the_time_zone(tmp_path: Path) -> None:
    source, index = written(tmp_path, RECORDS), str(tmp_path / "a")
    run = CliRunner()
    base = ["--index", index, source]
    assert run.invoke(commands, ["index", "--timezone", "Europe/Paris", *base]).exit_code == 0
    assert languages_in(tmp_path / "a")["6"] == "en"
    told = run.invoke(commands, ["index", "--language", "de", *base])
    assert told.exit_code and "reindex" in str(told.exception or told.output)
    assert run.invoke(commands, ["reindex", "--language", "de", *base]).exit_code == 0
    assert languages_in(tmp_path / "a")["6"] == "de"
    with Archive.open(index) as archive:
        assert archive.snapshot().settings == Settings(timezone="Europe/Paris", language="de")
    assert run.invoke(commands, ["index", "--language", "klingon", *base]).exit_code == 2
