"""The engines that are measured, all asked the same: parse, best ten with title and date, total.

Each adapter builds an index of the same articles with the same stored fields, text with positions
and stemming, and facet values, and answers a `Query` three ways: ``top``, ``facets`` (top, and
counts of tags, topic and year) and ``snippets`` (facets, and ten snippets). An answer is
(total, ten titles, counts); what an engine cannot do raises `Unable`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.corpus import batches, plain
from benchmarks.queries import Query

Answer = tuple[int, list[tuple[str, Any]], dict[str, Any]]

WEIGHT = 4.0
"""Of a word in the title, in every engine."""

FACET_SIZE = 10

_ID = slice(len('{"id":"'), len('{"id":"') + 16)
"""Where a line of the corpus has the article's id."""


class UnableError(Exception):
    """The engine has no such thing."""


def _seconds(date: str | None) -> int | None:
    return None if date is None else int(datetime.fromisoformat(date).timestamp())


def _year(date: str | None) -> int:
    return int(date[:4]) if date else 0


def _body(article: dict[str, Any]) -> str:
    return "\n".join(filter(None, [article["lead"], *article["body"]]))


class Broadsheet:
    """This project, by its own engine, as the command line and the web open it.

    The index is made by its writer, which is given the articles as JSON.
    """

    name = "Broadsheet"

    def build(self, source: Path, folder: Path) -> int:
        from indexer.whoosh.archive import FolderStore

        writer = FolderStore(folder).writer()
        count = 0
        for lines in batches(source):
            prints = [int(line[_ID], 16) | 1 for line in lines]
            writer.put_stored(lines, prints, "benchmark")
            count += len(lines)
        writer.commit(optimize=True)
        writer.close()
        return count

    def open(self, folder: Path) -> None:
        from search.embedded.engine import EmbeddedEngine

        self.engine = EmbeddedEngine(folder)

    def search(self, query: Query, mode: str) -> Answer:
        from search.request import Request

        answer = self.engine.search(
            Request(
                text=self._text(query),
                match="any" if query.kind == "any" else "all",
                filters={"tags": (query.tag,)} if query.tag else {},
                since=query.days[0] if query.days else "",
                until=query.days[1] if query.days else "",
                facets=("tags", "topic", "year") if mode != "top" else (),
                facet_size=FACET_SIZE,
                timeline=False,
                snippets=mode == "snippets",
                collapse=False,
                suggest=False,
                expand=False,
            )
        )
        hits = [(hit.title, hit.published) for hit in answer.hits]
        return answer.total, hits, {facet.name: facet.values for facet in answer.facets}

    def _text(self, query: Query) -> str:
        words = " ".join(query.words)
        match query.kind:
            case "phrase":
                return f'"{words}"'
            case "prefix":
                return f"{words}*"
            case "title":
                return " ".join(f"title:{word}" for word in query.words)
            case "not":
                return f"{' '.join(query.words[:-1])} -{query.words[-1]}"
            case _:
                return words


class IndexCommand(Broadsheet):
    """This project's index made by what `broadsheet index FILE` runs, and made one segment: lines
    are recognised and checked, ids looked up, and two processes are one that reads beside it."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.name = f"broadsheet index, {('one process', 'two processes')[processes - 1]}"

    def build(self, source: Path, folder: Path) -> int:
        from indexer.update.update import update
        from indexer.whoosh.archive import FolderStore

        store = FolderStore(folder)
        count = update(store, [str(source)], processes=self.processes).read
        store.optimise()
        return count


class Tantivy:
    """Tantivy by its Python binding: one field of text with the title repeated would be a cheat;
    it searches title and body, the title boosted. Its thread indexes beside the one that calls."""

    name = "Tantivy"
    threads = 1

    def build(self, source: Path, folder: Path) -> int:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("title", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("body", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("tags", stored=True, tokenizer_name="raw", fast=True)
        builder.add_text_field("topic", stored=True, tokenizer_name="raw", fast=True)
        builder.add_integer_field("year", stored=False, indexed=True, fast=True)
        builder.add_date_field("date", stored=True, indexed=True, fast=True)
        builder.add_text_field("rest", stored=True, tokenizer_name="raw", index_option="basic")
        folder.mkdir(parents=True)
        index = tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(num_threads=self.threads, heap_size=512 << 20)
        count = 0
        for article in plain(source):
            document = tantivy.Document(
                title=[article["title"]], body=[_body(article)], tags=article["tags"],
                topic=[article["topic"]] if article["topic"] else [],
                year=[_year(article["published"])],
            )  # fmt: skip
            if article["published"]:
                document.add_date("date", datetime.fromisoformat(article["published"]))
            writer.add_document(document)
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        return count

    def open(self, folder: Path) -> None:
        import tantivy

        self.index = tantivy.Index.open(str(folder))
        self.index.reload()
        self.searcher = self.index.searcher()
        terms = {name: {"terms": {"field": name, "size": FACET_SIZE}}
                 for name in ("tags", "topic", "year")}  # fmt: skip
        self.facets = terms

    def search(self, query: Query, mode: str) -> Answer:
        import tantivy

        fields = ["title"] if query.kind == "title" else ["title", "body"]
        parsed = self.index.parse_query(
            self._text(query), fields, field_boosts={"title": WEIGHT},
            conjunction_by_default=query.kind != "any",
        )  # fmt: skip
        if query.kind == "prefix":
            parsed = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Should, tantivy.Query.regex_query(
                        self.index.schema, field, f"{query.words[0]}.*"))
                    for field in fields
                ]
            )  # fmt: skip
        found = self.searcher.search(parsed, 10)
        hits = []
        documents = []
        for _, address in found.hits:
            document = self.searcher.doc(address)
            documents.append(document)
            hits.append((document.get_first("title"), document.get_first("date")))
        counts = self.searcher.aggregate(parsed, self.facets) if mode != "top" else {}
        if mode == "snippets":
            maker = tantivy.SnippetGenerator.create(
                self.searcher, parsed, self.index.schema, "body"
            )
            for document in documents:
                maker.snippet_from_doc(document).highlighted()
        return found.count or 0, hits, counts

    def _text(self, query: Query) -> str:
        words = " ".join(query.words)
        match query.kind:
            case "phrase":
                text = f'"{words}"'
            case "not":
                text = f"{' '.join(query.words[:-1])} -{query.words[-1]}"
            case "any" if query.tag or query.days:
                text = f"+({words})"
            case _:
                text = words
        if query.tag:
            text = f'+({words}) +tags:"{query.tag}"' if query.kind == "any" else (
                f'{text} tags:"{query.tag}"')  # fmt: skip
        if query.days:
            first, last = query.days
            text += f" +date:[{first}T00:00:00Z TO {last}T23:59:59Z]"
        return text


class ThreadedTantivy(Tantivy):
    """Tantivy with as many threads as it chooses, which is its default."""

    name = "Tantivy, threads of its choice"
    threads = 0


class SQLite:
    """SQLite's FTS5, with facets in tables of their own."""

    name = "SQLite FTS5"

    def build(self, source: Path, folder: Path) -> int:
        folder.mkdir(parents=True)
        db = sqlite3.connect(folder / "articles.db")
        db.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE article(id INTEGER PRIMARY KEY, date INTEGER, year INTEGER, topic TEXT);
            CREATE TABLE tag(article INTEGER, tag TEXT);
            CREATE VIRTUAL TABLE words USING fts5(title, body, tokenize='porter unicode61');
            """
        )
        count = 0
        for count, article in enumerate(plain(source), 1):
            date = article["published"]
            db.execute(
                "INSERT INTO article VALUES (?, ?, ?, ?)",
                (count, _seconds(date), _year(date), article["topic"]),
            )
            db.executemany(
                "INSERT INTO tag VALUES (?, ?)", [(count, tag) for tag in article["tags"]]
            )
            db.execute(
                "INSERT INTO words(rowid, title, body) VALUES (?, ?, ?)",
                (count, article["title"], _body(article)),
            )
        db.execute("CREATE INDEX by_article ON tag(article)")
        db.execute("CREATE INDEX by_tag ON tag(tag)")
        db.execute("INSERT INTO words(words) VALUES ('optimize')")
        db.commit()
        db.close()
        return count

    def open(self, folder: Path) -> None:
        self.db = sqlite3.connect(folder / "articles.db")

    def search(self, query: Query, mode: str) -> Answer:
        where, values = self._where(query)
        joined = f"FROM words JOIN article ON article.id = words.rowid WHERE {where}"
        shown = ", snippet(words, 1, '<b>', '</b>', '…', 40)" if mode == "snippets" else ""
        hits = self.db.execute(
            f"SELECT title, date{shown} {joined} ORDER BY bm25(words, {WEIGHT}, 1.0) LIMIT 10",
            values,
        ).fetchall()
        (total,) = self.db.execute(f"SELECT count(*) {joined}", values).fetchone()
        counts = {}
        if mode != "top":
            for name in ("year", "topic"):
                counts[name] = self.db.execute(
                    f"SELECT {name}, count(*) AS n {joined} GROUP BY 1 ORDER BY n DESC LIMIT 10",
                    values,
                ).fetchall()
            counts["tags"] = self.db.execute(
                f"SELECT tag, count(*) AS n FROM tag WHERE article IN "
                f"(SELECT words.rowid {joined}) GROUP BY 1 ORDER BY n DESC LIMIT 10",
                values,
            ).fetchall()
        return total, [hit[:2] for hit in hits], counts

    def _where(self, query: Query) -> tuple[str, list[Any]]:
        words = [f'"{word}"' for word in query.words]
        match query.kind:
            case "phrase":
                text = f'"{" ".join(query.words)}"'
            case "prefix":
                text = f"{words[0]} *"
            case "any":
                text = " OR ".join(words)
            case "not":
                text = f"{' '.join(words[:-1])} NOT {words[-1]}"
            case "title":
                text = " ".join(f"title : {word}" for word in words)
            case _:
                text = " ".join(words)
        where, values = "words MATCH ?", [text]
        if query.tag:
            where += " AND words.rowid IN (SELECT article FROM tag WHERE tag = ?)"
            values.append(query.tag)
        if query.days:
            first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in query.days)
            where += " AND date >= ? AND date < ?"
            values += [first.timestamp(), last.timestamp() + 86_400]  # type: ignore[list-item]
        return where, values


class Whoosh:
    """Whoosh as it comes, with its own codec."""

    name = "Whoosh"
    texts = ("title", "body")
    facets: tuple[str, ...] = ("tags", "topic", "year")
    dated = "date"

    def build(self, source: Path, folder: Path) -> int:
        from whoosh import fields, index
        from whoosh.analysis import StemmingAnalyzer

        stems = StemmingAnalyzer(cachesize=-1)
        schema = fields.Schema(
            title=fields.TEXT(stored=True, analyzer=stems, field_boost=WEIGHT),
            body=fields.TEXT(stored=True, analyzer=stems),
            tags=fields.KEYWORD(stored=True, commas=True, sortable=True),
            topic=fields.ID(stored=True, sortable=True),
            year=fields.NUMERIC(int, sortable=True),
            date=fields.DATETIME(stored=True, sortable=True),
        )
        folder.mkdir(parents=True)
        writer = index.create_in(folder, schema).writer(limitmb=256)
        count = 0
        for article in plain(source):
            count += 1
            date = article["published"]
            writer.add_document(
                title=article["title"], body=_body(article), tags=",".join(article["tags"]),
                topic=article["topic"] or None, year=_year(date),
                date=datetime.fromisoformat(date).astimezone(UTC).replace(tzinfo=None)
                if date else None,
            )  # fmt: skip
        writer.commit()
        return count

    def open(self, folder: Path) -> None:
        from whoosh import index

        self.index = index.open_dir(folder)
        self.searcher = self.index.searcher()

    def search(self, query: Query, mode: str) -> Answer:
        from whoosh import sorting

        facets = None
        if mode != "top":
            facets = sorting.Facets()
            for name in self.facets:
                facets.add_field(name, allow_overlap=name == "tags")
        found = self.searcher.search(
            self._query(query), limit=10, groupedby=facets, maptype=sorting.Count
        )
        hits = [(hit["title"], hit.get(self.dated)) for hit in found]
        counts = {} if facets is None else {name: found.groups(name) for name in self.facets}
        if mode == "snippets":
            for hit in found:
                hit.highlights(self.texts[-1])
        return len(found), hits, counts

    def _query(self, query: Query) -> Any:
        from whoosh import qparser
        from whoosh import query as q

        schema = self.index.schema
        group = qparser.OrGroup if query.kind == "any" else qparser.AndGroup
        names = ["title"] if query.kind == "title" else self.texts
        parser = qparser.MultifieldParser(names, schema, group=group)
        text = " ".join(query.words)
        if query.kind == "phrase":
            text = f'"{text}"'
        elif query.kind == "prefix":
            text += "*"
        elif query.kind == "not":
            text = f"{' '.join(query.words[:-1])} NOT {query.words[-1]}"
        parts = [parser.parse(text)]
        if query.tag:
            parts.append(q.ConstantScoreQuery(q.Term("tags", query.tag), 0.0))
        if query.days:
            parts.append(self._dates(*map(datetime.fromisoformat, query.days)))
        return parts[0] if len(parts) == 1 else q.And(parts)

    def _dates(self, first: datetime, last: datetime) -> Any:
        from whoosh import query as q

        return q.DateRange("date", first, last.replace(hour=23, minute=59))


class ThroughWhoosh(Whoosh):
    """This project as Whoosh's users ask it: its parser, searcher, groups and highlights.

    Words are looked for in the default field; a year is no field, so two facets are counted.
    """

    name = "Broadsheet through Whoosh"
    texts = ("text",)
    facets = ("tags", "topic")
    dated = "date"

    def build(self, source: Path, folder: Path) -> int:
        return Broadsheet().build(source, folder)

    def open(self, folder: Path) -> None:
        from search.index import open_index

        self.index = open_index(folder)
        self.searcher = self.index.searcher()

    def _dates(self, first: datetime, last: datetime) -> Any:
        from search.query.nodes import DateRange

        day = timedelta(days=1)
        return DateRange(*(int(one.replace(tzinfo=UTC).timestamp()) for one in (first, last + day)))


class BM25S:
    """bm25s: scores of bags of words, held in memory; no phrases, fields or restrictions."""

    name = "bm25s"

    def build(self, source: Path, folder: Path) -> int:
        import bm25s

        texts, shown = [], []
        for article in plain(source):
            texts.append(f"{article['title']} {_body(article)}")
            shown.append([article["title"], article["published"]])
        tokens = bm25s.tokenize(texts, stopwords="en", stemmer=_stemmer(), show_progress=False)
        index = bm25s.BM25()
        index.index(tokens, show_progress=False)
        index.save(str(folder))
        import json

        (folder / "shown.json").write_text(json.dumps(shown))
        return len(texts)

    def open(self, folder: Path) -> None:
        import json

        import bm25s

        self.index = bm25s.BM25.load(str(folder), mmap=True)
        self.shown = json.loads((folder / "shown.json").read_text())
        self.stemmer = _stemmer()

    def search(self, query: Query, mode: str) -> Answer:
        import bm25s

        bag = query.kind == "any" or (query.kind == "all" and len(query.words) == 1)
        if mode != "top" or not bag or query.tag or query.days:
            raise UnableError
        tokens = bm25s.tokenize(
            " ".join(query.words), stopwords="en", stemmer=self.stemmer, show_progress=False,
            return_ids=False,
        )  # fmt: skip
        scores = self.index.get_scores(tokens[0])
        best = bm25s.selection.topk(scores, k=10, sorted=True)[1]
        return int((scores > 0).sum()), [tuple(self.shown[doc]) for doc in best], {}


def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def peers() -> Iterator[Any]:
    """Yield an adapter of each engine, this project's first."""
    yield from (Broadsheet(), Tantivy(), SQLite(), Whoosh(), ThroughWhoosh(), BM25S())


def builders() -> Iterator[Any]:
    """Yield other ways to make an index that are measured, each after the engine's own name."""
    yield from (
        ("Broadsheet", IndexCommand(1)),
        ("Broadsheet", IndexCommand(2)),
        ("Tantivy", ThreadedTantivy()),
    )
