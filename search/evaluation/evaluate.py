"""How good is the ranking: topics are searched, and judged answers say what should have come.

The measures are those of TREC, computed by ir-measures: mean average precision, nDCG@10, P@10,
recall@100 and mean reciprocal rank. Judgments name documents as their collection does, an archive
by ids of its own: `document_ids` finds which article is meant, by id, address, the id that the
source gave it, or its file's name. What is judged relevant but not in the archive counts as missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TextIO

from corpus.core.article import Article, make_id
from corpus.core.errors import UnavailableError
from search.engine import Engine
from search.evaluation.files import Judgment, run_lines
from search.request import Request

DEPTH = 1_000  # articles of a topic that are ranked, as TREC does
MEASURES = {"map": "AP", "ndcg@10": "nDCG@10", "p@10": "P@10", "recall@100": "R@100", "mrr": "RR"}
"""What each measure is called here, and by ir-measures."""

_PAGE = 1_000
_ONE_IN_A_FILE = frozenset(("text", "scraped", "html", "markdown", "nitf"))

_PLAIN = Request()

Ranking = tuple[tuple[str, float], ...]
"""(document, score) of a topic, the best first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Each measure (by its name in `MEASURES`) averaged over all judged topics, and by topic.

    `judged` is the number of judged documents, `known` how many of them the archive has.
    """

    overall: Mapping[str, float]
    topics: Mapping[str, Mapping[str, float]]
    judged: int = 0
    known: int = 0


def rank(engine: Engine, asked: Request, depth: int = DEPTH) -> Ranking:
    """Return the ids of the articles that a request finds, with their scores, `depth` at most."""
    found: list[tuple[str, float]] = []
    request = replace(
        asked, size=min(depth, _PAGE), facets=(), timeline=False, snippets=False, collapse=False
    )
    while len(found) < depth:
        answer = engine.search(request)
        found += [(hit.id, hit.score) for hit in answer.hits]
        if not answer.after or not answer.hits:
            break
        request = replace(request, after=answer.after)
    return tuple(found[:depth])


def document_ids(engine: Engine, documents: Iterable[str]) -> dict[str, str]:
    """Return the article's id for each document, as judgments call them; unknown ones are left out.

    Reads the archive once where documents are not called by article ids.
    """
    wanted = list(dict.fromkeys(documents))
    if all(len(name) == 16 and engine.article(name) is not None for name in wanted):
        return {name: name for name in wanted}
    ids: set[str] = set()
    sources: set[str] = {""}
    names: dict[str, str] = {}
    for article in engine.scan(Request()):
        ids.add(article.id)
        path = article.origin.path.replace("!", "/")
        # An id that counts within a file is told apart by the ends of the file's path.
        sources.update((article.source, "/".join(path.split("/")[-2:])))
        file = PurePosixPath(path)
        for name in (article.own_id, article.url, file.name, file.stem):
            names[name] = "" if names.get(name, article.id) != article.id else article.id
    found: dict[str, str] = {}
    for document in filter(None, wanted):
        own = (make_id(own=document, source=source) for source in sources)
        found[document] = (
            document
            if document in ids
            else names.get(document) or next((one for one in own if one in ids), "")
        )
    return {document: identity for document, identity in found.items() if identity}


def _names(article: Article) -> dict[str, str]:
    """Return what an article may be called in a run, by the kind of name."""
    file = PurePosixPath(article.origin.path.replace("!", "/"))
    alone = article.origin.reader in _ONE_IN_A_FILE
    return {
        "id": article.id,
        "own": article.own_id or (file.stem if alone else ""),
        "url": article.url,
        "file": file.name if alone else "",
        "stem": file.stem if alone else "",
    }


def _kind_of_names(engine: Engine, called: Mapping[str, str]) -> str:
    """Return by which of the `_names` judgments call articles: `called` is id to document."""
    for article_id, document in called.items():
        article = engine.article(article_id)
        for kind, name in _names(article).items() if article else ():
            if name == document:
                return kind
    return "own"


def document_names(
    engine: Engine, ids: Iterable[str], known: Mapping[str, str], kind: str = "own"
) -> dict[str, str]:
    """Return what articles are called in a run: as their source calls them, else by their id.

    A file that holds one article without an id of its own gives it the file's name. `kind` asks
    for another of the `_names`. No name is given twice, nor one of those that are `known`, whose
    articles are left out.
    """
    found: dict[str, str] = {}
    taken = set(known.values())
    for article_id in [each for each in ids if each not in known]:
        article = engine.article(article_id)
        name = _names(article)[kind] if article else ""
        if name in taken or len(name.split()) != 1:
            name = article_id
        taken.add(name)
        found[article_id] = name
    return found


def score(
    rankings: Mapping[str, Sequence[tuple[str, float]]], judgments: Sequence[Judgment]
) -> Evaluation:
    """Return the measures of rankings; topics without a relevant document are left out.

    Raises UnavailableError when ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise UnavailableError(
            "Evaluating needs ir-measures: install it with pip install 'broadsheet[evaluate]'."
        ) from error
    relevant = {judgment.topic for judgment in judgments if judgment.grade > 0}
    qrels = [
        ir_measures.Qrel(judgment.topic, judgment.document, max(judgment.grade, 0))
        for judgment in judgments
        if judgment.topic in relevant
    ]
    # Places, not scores, decide: equal scores are in the order in which they were answered.
    run = [
        ir_measures.ScoredDoc(topic, document, float(-place))
        for topic, ranking in rankings.items()
        if topic in relevant
        for place, (document, _) in enumerate(ranking)
    ]
    measures = {ir_measures.parse_measure(given): name for name, given in MEASURES.items()}
    topics = {topic: dict.fromkeys(MEASURES, 0.0) for topic in sorted(relevant)}
    for found in ir_measures.iter_calc(list(measures), qrels, run):
        topics[found.query_id][measures[found.measure]] = float(found.value)
    overall = {
        name: sum(values[name] for values in topics.values()) / max(len(topics), 1)
        for name in MEASURES
    }
    return Evaluation(overall, topics)


def evaluate(
    engine: Engine, queries: Mapping[str, str], judgments: Sequence[Judgment],
    asked: Request = _PLAIN, depth: int = DEPTH, run: TextIO | None = None,
) -> Evaluation:  # fmt: skip
    """Search the query of every judged topic, as `asked` says, and return the measures.

    Rankings are written to `run`, documents called as the judgments call them, and those without a
    judgment by the same kind of name.
    """
    known = document_ids(engine, [judgment.document for judgment in judgments])
    called: dict[str, str] = {}
    for document, identity in known.items():
        called.setdefault(identity, document)
    kind = _kind_of_names(engine, called)
    judged = {judgment.topic for judgment in judgments}
    rankings: dict[str, Ranking] = {}
    for topic in [one for one in queries if one in judged]:
        found = rank(engine, replace(asked, text=queries[topic]), depth)
        if run is not None:  # which reads each article that has no judgment
            called |= document_names(engine, [name for name, _ in found], called, kind)
        rankings[topic] = tuple([(called.get(name, name), value) for name, value in found])
        if run is not None:
            run.writelines(line + "\n" for line in run_lines(topic, rankings[topic]))
    result = score(rankings, judgments)
    documents = {judgment.document for judgment in judgments}
    return replace(result, judged=len(documents), known=len(known))
