"""How tests of the contract ask an engine."""

from __future__ import annotations

from datetime import UTC, datetime

from search.answer import Answer
from search.engine import Engine
from search.request import Request

NOW = datetime(2023, 9, 1, tzinfo=UTC)


def ask(engine: Engine, text: str = "", **more: object) -> Answer:
    settings: dict[str, object] = {"match": "all", "size": 100, "snippets": False}
    settings |= {"collapse": False, **more}
    return engine.search(Request(text=text, **settings))  # type: ignore[arg-type]


def all_ids(engine: Engine, text: str, **more: object) -> set[str]:
    found: set[str] = set()
    page = 1
    while True:
        answer = ask(engine, text, page=page, **more)
        found |= {hit.id for hit in answer.hits}
        if page >= answer.pages:
            return found
        page += 1
