"""What readers expect of an answer, on both engines: each on a small archive of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from cluster.nodes import Cluster

from corpus.core.article import Article, make_id
from corpus.core.fields import PREFIXES
from corpus.core.stated_date import StatedDate
from indexer.analysis.analyser import stem, tokenise
from indexer.analysis.stop_words import stop_words
from search.answer import Answer, Tally
from search.engine import Engine, open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig

Put = Callable[[Sequence[Article]], None]


@pytest.fixture(params=["embedded", pytest.param("opensearch", marks=pytest.mark.cluster)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Put]]:
    """An engine, and how to put articles in it."""
    if request.param == "embedded":
        from indexer.whoosh.archive import FolderStore

        store = FolderStore(tmp_path / "index")
        opened = {"index": tmp_path / "index"}
    else:
        from search.opensearch.store import OpenSearchStore

        running: Cluster = request.getfixturevalue("cluster")
        url = f"{running.url}/asking{random.randrange(10**9)}?shards=2"
        store = OpenSearchStore(url)
        opened = {"engine": "opensearch", "url": url}
    engines: list[Engine] = []

    def put(articles: Sequence[Article]) -> None:
        writer = store.writer()
        try:
            writer.put(articles, [1] * len(articles), "made")
            writer.commit()
        finally:
            writer.close()
        for engine in engines:
            engine.refresh()

    put([article(0, "Placeholder", "Nothing.")])
    engine = open_engine(**opened)
    engines.append(engine)
    yield engine, put
    engine.close()


def article(number: int, title: str, *body: str, language: str = "en", **more: object) -> Article:
    url = f"https://lock.example/{language}/{number}"
    day = StatedDate(f"2022-03-{number % 27 + 1:02d}")
    return Article(
        id=make_id(url=url), url=url, title=title, body=body, language=language,
        published=day, date_source="meta", **more,
    )  # fmt: skip


def ask(engine: Engine, text: str, **more: object) -> Answer:
    settings: dict[str, object] = {"match": "all", "collapse": False, **more}
    return engine.search(Request(text=text, **settings))  # type: ignore[arg-type]


VOCABULARY = {
    "en": "forest forests for beer be opera operate heroes her die war was hard news lock lamps",
    "fr": "forêt for fort des opéra opérer bière héros était dans on plus lampe nouvelles",
    "de": "Forst fort Bier bei Oper Helden die der war hart Lampe Neues Land Haus",
    "es": "ópera operar her héroes beber bosque la los para operaciones lámpara nuevo",
    "pt": "ópera operam heróis floresta bebem lâmpada novas guerra duro",
}


def has(one: Article, word: str) -> bool:
    root = stem(word, one.language)
    words = (token.text for text in (one.title, *one.body) for token in tokenise(text))
    return any(stem(other, one.language) == root for other in words)


@pytest.mark.parametrize("seed", range(3))
def test_articles_in_other_languages_change_no_total(empty: tuple[Engine, Put], seed: int) -> None:
    engine, put = empty
    chance = random.Random(seed)

    def made(language: str, numbers: range) -> list[Article]:
        words = VOCABULARY[language].split()
        return [
            article(
                number, " ".join(chance.choices(words, k=3)), " ".join(chance.choices(words, k=6)),
                language=language,
            )
            for number in numbers
        ]  # fmt: skip

    asked = VOCABULARY["en"].split()
    queries = [*asked, *(" ".join(chance.sample(asked, 2)) for _ in range(6))]
    put(made("en", range(1, 30)))

    def totals() -> dict[tuple[str, str], int]:
        return {
            (query, match): ask(engine, query, match=match, size=0).total
            for query in queries
            for match in ("all", "any")
        }

    before = totals()
    for language in ("fr", "de", "es", "pt"):
        others = made(language, range(1, 15))
        put(others)
        lacking = [
            query
            for query in queries
            if not any(has(one, word) for one in others for word in query.split())
            and not any(word in stop_words(language) for word in query.split())
        ]
        after = totals()
        for query in lacking:
            for match in ("all", "any"):
                assert after[query, match] == before[query, match], (query, match, language)
        assert len(lacking) > 3
        before = after


def test_words_near_one_another_are_found_and_no_others(empty: tuple[Engine, Put]) -> None:
    engine, put = empty
    put([
        article(1, "One", "The pilot told the harbour inquiry what he saw."),
        article(2, "Two", "The pilot, who had sailed for thirty years without an accident of any"
                " kind that he could name, was asked about the harbour."),
        article(3, "Three", "A harbour without any pilot."),
        article(4, "The pilot", "The harbour was closed."),
    ])  # fmt: skip
    found = {
        text: {hit.title for hit in ask(engine, text).hits}
        for text in ("pilot NEAR/3 harbour", "harbour w/4 pilot", "pilot* NEAR/3 harbo*",
                     '"the pilot" NEAR/4 inquiry', "pilot AND harbour")
    }  # fmt: skip
    assert found == {
        "pilot NEAR/3 harbour": {"One", "Three"},
        "harbour w/4 pilot": {"One", "Three"},
        "pilot* NEAR/3 harbo*": {"One", "Three"},
        '"the pilot" NEAR/4 inquiry': {"One"},
        "pilot AND harbour": {"One", "Two", "Three", "The pilot"},
    }


def test_a_search_is_widened_where_few_have_all_of_its_words(empty: tuple[Engine, Put]) -> None:
    engine, put = empty
    put([
        article(1, "Tram depot flooded", "Pumps ran all night."),
        article(2, "Tram fares rise", "By a tenth."),
        article(3, "Depot sold", "To a brewery."),
    ])  # fmt: skip
    answer = ask(engine, "tram depot brewery", match="auto")
    assert (answer.total, answer.partial_total) == (0, 3)
    assert any(note.code == "some-words" for note in answer.notes)
    assert {hit.title for hit in answer.hits if hit.partial} == {
        "Tram depot flooded", "Tram fares rise", "Depot sold",
    }  # fmt: skip
    exact = ask(engine, '"trams depots"')
    assert exact.total == 1
    assert any(note.code == "not-as-written" for note in exact.notes)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("breakwatter", "breakwater"),
        ("break water", "breakwater"),
        ("lighthouse keper", "lighthouse keeper"),
        ("stormsurge", "storm surge"),
        ("breakwater", ""),
        ("breakwatter zeppelin", "breakwater zeppelin"),
        ("breakwatter zeppelin -author:nobody", "breakwater zeppelin -author:nobody"),
        ("saltmarsh", 'saltmarsh OR "salt marsh"'),
        ("saltmarsh walk", '(saltmarsh OR "salt marsh") walk'),
        ("salt marsh", "saltmarsh"),
        ("foreshore", ""),
        ("author:benning", "author:*benning*"),
        ("author:tull", "author:*tull*"),
        ("tag:harbor", "tag:Harbour"),
        ("light houses", "lighthouses"),
        ("surge surgo", ""),
        ("norvik", "places:norvik"),
        ("places:sunder isles", 'places:"sunder isles"'),
        ("author:orla benning breakwater", 'breakwater author:"orla benning"'),
        ("norvik breakwater", "places:norvik breakwater"),
        ("sunder", "places:*sunder*"),
    ],
)
def test_what_was_meant_is_offered(empty: tuple[Engine, Put], typed: str, meant: str) -> None:
    engine, put = empty
    put([
        article(number, "Breakwater closed", "The lighthouse keeper saw the storm surge come.",
                authors=("Orla Benning",), tags=("Harbour",), places=("norvik", "Sunder Isles"))
        for number in range(1, 13)
    ])  # fmt: skip
    put([
        article(20, "A walk by the saltmarsh", "Geese.", authors=("Ira Tull",)),
        article(21, "The salt marsh", "A walk of an hour. Not for shore birds: the foreshore."),
        article(22, "For shore birds", "Nobody."),
    ])  # fmt: skip
    answer = ask(engine, typed, match="auto")
    assert answer.suggestion == meant


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("J.K. Marl", {"1", "2", "3"}), ("J. K. Marl", {"1", "2", "3"}), ("JK Marl", {"1", "3"}),
        ("V.L. Dune", {"1", "2", "3"}), ("V. L. Dune", {"1", "2", "3"}),
        ("K & T", {"1", "2"}), ("K&T", {"1", "2"}), ('"K & T docks"', {"2"}),
        ('"K&T wharf"', {"2"}), ('"K & T quay"', {"1"}), ('"break-down crew"', {"3"}),
        ('"J. K. Marl spoke"', {"2"}), ('"J. K. Marl sang"', {"1"}),
    ],
)  # fmt: skip
def test_initials_and_names_are_found_written_together_or_apart(
    empty: tuple[Engine, Put], typed: str, expected: set[str]
) -> None:
    engine, put = empty
    put([
        article(1, "1", "J.K. Marl sang at the K&T quay.", authors=("V.L. Dune",)),
        article(2, "2", "J. K. Marl spoke at the K & T docks, the K & T wharf.",
                authors=("V. L. Dune",)),
        article(3, "3", "JK Marl had a breakdown crew.", authors=("VL Dune",)),
    ])  # fmt: skip
    assert {hit.title for hit in ask(engine, typed).hits} == expected


@pytest.mark.parametrize(
    ("facet", "value", "other"),
    [
        ("source", "L’Écho du Nord", "l'echo du nord"),
        ("author", "Zoë O'Mara", "Zoë O’Mara"),
        ("places", "Côte d‘Azur", "cote d'azur"),
        ("section", "“Nord–Süd”", '"nord-sud"'),
        ("tag", "یک کتاب", "يك كتاب"),
    ],
)
def test_a_value_is_one_whatever_signs_and_letters_it_is_typed_with(
    empty: tuple[Engine, Put], facet: str, value: str, other: str
) -> None:
    engine, put = empty
    name = PREFIXES[facet]
    many = isinstance(getattr(article(1, "A", "b"), name), tuple)
    put([
        article(number, "Ferry", "It sailed.", **{name: (one,) if many else one})
        for number, one in enumerate((value, other), 1)
    ])  # fmt: skip
    for typed in (value, other):
        found = engine.search(Request(text="ferry", filters={name: (typed,)}))
        assert found.total == 2
        quoted = typed.replace('"', '\\"')
        assert ask(engine, f'{facet}:"{quoted}"').total == 2
    (counted,) = [one for one in found.facets if one.name == name]
    assert [one.count for one in counted.values] == [2]


def test_the_link_of_any_value_finds_its_articles(empty: tuple[Engine, Put]) -> None:
    """Also of values longer than the gate lets in, as another writer may have put."""
    engine, put = empty
    values = {1: "Harbour & quay", 2: 'The "old" port', 3: "S" * 480, 4: "Long " * 130, 5: "Ørsted"}
    put([
        article(number, f"Gull {number}", "A gull.", section=value, tags=(value, "Bird"))
        for number, value in values.items()
    ])  # fmt: skip
    client = create_app(engine, WebConfig(rate_limit="")).test_client()
    for facet in ("section", "tags"):
        for value in engine.facet(Request(text="gull"), facet).values:
            if value.value == "Bird":
                continue
            answer = client.get("/search", query_string={"q": "gull", facet[:3] if facet == "tags"
                                else facet: value.value})  # fmt: skip
            assert answer.status_code == 200
            found = ask(engine, "gull", filters={facet: (value.value,)})
            assert found.total == value.count == 1


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("ferry", {"Ferries", "Named twice"}),  # Ferris has its stem
        ("ferris", {"Ferries", "Small", "Named twice", "In French"}),
        ("FERRIS jon", {"Small", "Named twice"}),
        ('"jon ferris"', {"Small", "Named twice"}),
        ("jon NEAR/2 ferris", {"Small", "Named twice"}),
        ("fer*", {"Ferries", "Small", "Named twice", "In French"}),
        ("title:ferris", {"Ferries"}),
        ("body:ferry", {"Named twice"}),
        ("bells", {"Bell"}),
        ("bell", {"Bell", "Sandbank"}),
        ("bays", set()),
        ("boats -ferry", {"Small"}),
        ("boats -ferris", set()),
        ("muller", {"Sandbank"}),
        ("mueller", {"Sandbank"}),
        ("müller", {"Sandbank"}),
        ("posts", set()),
        ("post", {"In French"}),
        ("ferris of", {"Ferries", "Small", "Named twice"}),
    ],
)
def test_names_are_found_as_they_are_written(
    empty: tuple[Engine, Put], typed: str, titles: set[str]
) -> None:
    engine, put = empty
    put([
        article(1, "Ferries", "All of them."),
        article(2, "Small", "Boats.", authors=("Jon Ferris",)),
        article(3, "Named twice", "A ferry is one of the boats.", authors=("Jon Ferris",)),
        article(4, "In French", "Un bateau.", language="fr", authors=("Anne Ferris",),
                source="The Skel Post"),
        article(5, "Bell", "It was cast here."),
        article(6, "Sandbank", "Sand.", authors=("Ida Müller",), place="BELL BAY"),
    ])  # fmt: skip
    answer = ask(engine, typed)
    assert {hit.title for hit in answer.hits} == titles
    assert answer.total == len(titles)


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("ığdır", {"Deprem"}), ("igdir", {"Deprem"}), ('"Iğdır"', {"Deprem"}),
        ("Iğdır'dan", {"Deprem"}), ("rize", {"Deprem"}), ("rizenin", {"Deprem"}),
        ("dalmar", {"Mr D'Almar", "Boats"}), ("d'almar", {"Mr D'Almar", "Boats"}),
        ("D’Almar", {"Mr D'Almar", "Boats"}), ("almar", {"Mr D'Almar", "Boats"}),
        ("title:dalmar", {"Mr D'Almar"}), ("lecole", set()), ("école", {"L'école"}),
        ("dorme", set()), ("orme", {"L'école"}), ("obrin", {"Mr D'Almar"}),
    ],
)  # fmt: skip
def test_what_stands_before_or_behind_an_apostrophe_is_found(
    empty: tuple[Engine, Put], typed: str, titles: set[str]
) -> None:
    engine, put = empty
    put([
        article(1, "Deprem", "Iğdır'dan ve Rize'nin köylerinden gelenler.", language="tr"),
        article(2, "Mr D'Almar", "He met Mr O'Brin."),
        article(3, "L'école", "Les enfants d'Orme.", language="fr"),
        article(4, "Boats", "Of all sizes.", authors=("Zoë D’Almar",)),
    ])  # fmt: skip
    answer = ask(engine, typed)
    assert {hit.title for hit in answer.hits} == titles
    for hit in answer.hits:
        assert any(piece.match for piece in (*hit.title_pieces, *hit.snippet))


def test_leaving_out_a_value_that_no_article_has_is_told(empty: tuple[Engine, Put]) -> None:
    engine, put = empty
    put([article(1, "Ferries", "All of them.", tags=("Sea",))])
    told = {
        value: [note.code for note in ask(engine, "ferry", excluded={"tags": (value,)}).notes]
        for value in ("sea", "see")
    }
    assert told == {"sea": [], "see": ["absent-value"]}
    german = ask(engine, "ferry", excluded={"language": ("English",)})
    assert (german.total, german.notes) == (0, ())


@pytest.mark.parametrize(
    ("typed", "absent", "suggested"),
    [
        ("tag:rope,sail", ["rope,sail"], "tag:rope OR tag:sail"),
        ("tag:oars, sea", ["oars"], "tag:*oars*sea*"),
        ("author:kvale", ["kvale"], "author:*kvale*"),
        ('author:"Kvale, Ida"', ["Kvale, Ida"], "author:*ida*kvale*"),
        ("author:o'brin", ["o'brin"], "author:*o'brin*"),
        ("source:the harbour", ["the"], "source:*harbour*"),
        ("boats -tag:sial", ["sial"], ""), ("tag:sail OR tag:kelp", ["kelp"], ""),
        ("tag:sail", [], ""), ("boats -tag:sail", [], ""), ("boats tag:sea", [], ""),
    ],
)  # fmt: skip
def test_a_value_that_no_article_has_is_told(
    empty: tuple[Engine, Put], typed: str, absent: list[str], suggested: str
) -> None:
    engine, put = empty
    put([
        article(1, "Boats", "Long ones.", tags=("Rope", "Oars, sea"), authors=("Ida M. Kvale",)),
        article(2, "Boats", "Short ones.", tags=("Sail",), source="The Harbour, weekly"),
        article(3, "Boats", "Old ones.", tags=("Sea",), authors=("Ann O’Brin-Kvale",)),
    ])  # fmt: skip
    answer = ask(engine, typed)
    assert [note.text for note in answer.notes] == absent
    assert answer.suggestion == suggested


@pytest.mark.parametrize(
    ("typed", "filters", "total", "loose"),
    [
        ('"tall lamps lit"', {}, 1, []), ('"tall lamps lit"', {"tags": ("Quay",)}, 0, []),
        ('"tall lamps lit" tag:quay', {}, 0, []), ('"tall lamps lit" AND otters', {}, 0, []),
        ('"tall lamps lit" date:2022-03-03', {}, 0, []), ('otters +"lamps"', {}, 0, []),
        ('"tall lamps lit" "otter"', {}, 0, ['"otter"']),
        ('"tall lamp lights"', {}, 0, []), ('"otter"', {}, 1, ['"otter"']),
        ('"tall lamps" "otter"', {"tags": ("Quay",)}, 0, []),
        ('"tall lamp lit" "otter"', {}, 1, ['"otter"']),
        ('"talls lamps lit" tag:quay', {}, 1, ['"talls lamps lit"']),
    ],
)  # fmt: skip
def test_what_narrows_a_search_never_changes_what_quotes_mean(
    empty: tuple[Engine, Put], typed: str, filters: dict[str, tuple[str, ...]], total: int,
    loose: list[str],
) -> None:  # fmt: skip
    engine, put = empty
    put([
        article(1, "Tall lamps lit", "On the mole."),
        article(2, "Tall lamp lit", "By otters.", tags=("Quay",)),
    ])  # fmt: skip
    answer = ask(engine, typed, filters=filters)
    told = [note.text for note in answer.notes if note.code == "not-as-written"]
    assert (answer.total, told) == (total, loose if total else [])
    (tally,) = engine.tallies([Request(text=typed, filters=filters, match="all")])
    assert isinstance(tally, Tally)
    assert tally.total == total
    assert len(list(engine.scan(Request(text=typed, filters=filters, match="all")))) == total


def test_an_address_that_no_article_has_is_told(empty: tuple[Engine, Put]) -> None:
    engine, put = empty
    put([article(1, "Weir", "Read https://weir.example/a?b=c#d at home.")])
    answer = ask(engine, "https://weir.example/a?b=c")
    assert (answer.total, [note.code for note in answer.notes]) == (0, ["absent-address"])
    quoted = ask(engine, '"https://weir.example/a?b=c"')
    assert (quoted.total, quoted.notes) == (1, ())
    assert ask(engine, "https://lock.example/en/1").notes == ()


@pytest.mark.parametrize(
    ("typed", "total", "suggested"),
    [
        ('"seafront walk"', 0, '"sea-front walk"'),
        ('"sea-front walk"', 2, ""), ("mirvlab7", 0, '"mir-vlab7"'), ("mir-vlab-7", 1, ""),
        ('"harbour watch"', 1, '"har-bour watch"'), ('"boatyard gate"', 0, '"boat-yard gate"'),
    ],
)  # fmt: skip
def test_quoted_words_are_offered_with_a_hyphen(
    empty: tuple[Engine, Put], typed: str, total: int, suggested: str
) -> None:
    engine, put = empty
    put([
        article(1, "The sea-front walk", "A har-bour watch, and a boat-yard gate."),
        article(2, "Sea front walk", "One har-bour watch more."),
        article(3, "Mir-Vlab-7 found", "The harbour watch was there."),
    ])  # fmt: skip
    answer = ask(engine, typed)
    assert (answer.total, answer.suggestion) == (total, suggested)


def test_a_name_is_marked_where_it_was_found(empty: tuple[Engine, Put]) -> None:
    engine, put = empty
    put([
        article(1, "Ferries", "All of them."),
        article(2, "Boats", "The ferry of the bank.", authors=("Jon Ferris", "Ida Bank")),
        article(3, "Sand", "A beach.", authors=("Jon Ferris",)),
    ])  # fmt: skip
    for hit in ask(engine, "ferry").hits:
        marked = [piece.text for piece in (*hit.title_pieces, *hit.snippet) if piece.match]
        assert marked in (["Ferries"], ["ferry"])
    shown = {hit.title: hit for hit in ask(engine, "ferris of", match="any").hits}
    assert [piece.text for piece in shown["Sand"].snippet if piece.match] == ["Ferris"]
    assert shown["Sand"].found_in == "authors"
    exact = ask(engine, '"ferris"')
    assert {hit.title for hit in exact.hits} == {"Boats", "Sand"}
