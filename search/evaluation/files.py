"""Files of an evaluation: topics, judgments and runs, as TREC and its descendants lay them out.

Topics are read from TREC's tagged text (``<top> <num> <title> <desc> <narr>``, tags left open as
they are there), from lines ``id TAB text``, and from JSON Lines with the keys people use; judgments
from ``topic iteration document grade`` and from BEIR's three columns. What a file is, is seen from
its content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.core.errors import UnreadableError

PARTS = ("title", "desc", "narr")  # parts of a topic, from short to long
MOST_BYTES = 256 << 20  # the largest file that is read; TREC's own have a few megabytes
_TOP = re.compile(r"<top>(.*?)</top>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(/?)([a-z]+)>", re.IGNORECASE)
_LABEL = re.compile(r"\A\s*(?:Number|Topic|Description|Narrative)\s*:", re.IGNORECASE)
_KEYS = {
    "id": ("id", "_id", "qid", "query_id", "query-id", "topic", "topic_id", "number", "num"),
    "title": ("title", "query", "text", "question", "keywords"),
    "desc": ("desc", "description"),
    "narr": ("narr", "narrative"),
}


@dataclass(frozen=True, slots=True)
class Topic:
    """What was to be found: its id, and its parts by name (of `PARTS`; those it has)."""

    id: str
    parts: Mapping[str, str]

    def text(self, parts: Iterable[str]) -> str:
        """Return these parts as one query; the shortest one that there is, where none of them."""
        chosen = [self.parts[part] for part in parts if self.parts.get(part)]
        return " ".join(chosen) or next((self.parts[p] for p in PARTS if self.parts.get(p)), "")


@dataclass(frozen=True, slots=True)
class Judgment:
    """That a document is relevant to a topic (grade above 0) or not."""

    topic: str
    document: str
    grade: int


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableError(f"{path} is larger than {MOST_BYTES >> 20} MB: is it the file?")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_topics(path: Path) -> list[Topic]:
    """Return the topics of a file; raises UnreadableError where there are none."""
    text = _read(path)
    if _TOP.search(text):
        topics = [_tagged(found[1]) for found in _TOP.finditer(text)]
    elif text.lstrip()[:1] == "{":
        topics = [_keyed(line, path, number) for number, line in _lines(text)]
    else:
        topics = [_line(line, path, number) for number, line in _lines(text)]
        if topics and topics[0].id.lower() in ("id", "qid", "query-id", "query_id", "topic"):
            del topics[0]
    topics = [topic for topic in topics if topic.id and topic.parts]
    if not topics:
        raise UnreadableError(
            f"{path} has no topics: write <top> elements, 'id TAB text' lines or JSON Lines."
        )
    return topics


def _lines(text: str) -> list[tuple[int, str]]:
    return [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]


def _tagged(element: str) -> Topic:
    """Read a ``<top>``: each tag's text goes to the next tag, as TREC does not close them."""
    tags = list(_TAG.finditer(element))
    found: dict[str, str] = {}
    for tag, following in zip(tags, [*tags[1:], None], strict=True):
        if tag[1]:
            continue
        text = element[tag.end() : following.start() if following else len(element)]
        text = " ".join(_LABEL.sub("", text).split())
        name = {"description": "desc", "narrative": "narr"}.get(tag[2].lower(), tag[2].lower())
        if text and name not in found:
            found[name] = text
    number = found.get("num", "").removeprefix("Number:").strip()
    return Topic(number, {part: found[part] for part in PARTS if part in found})


def _keyed(line: str, path: Path, number: int) -> Topic:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path}, line {number}: this is not JSON.") from error
    if not isinstance(fields, dict):
        raise UnreadableError(f"{path}, line {number}: a topic is an object.")
    found: dict[str, str] = {}
    for part, keys in _KEYS.items():
        texts = [str(fields[key]).strip() for key in keys if isinstance(fields.get(key), str | int)]
        if any(texts):
            found[part] = next(filter(None, texts))
    identity = found.pop("id", str(number))
    return Topic(identity, found)


def _line(line: str, path: Path, number: int) -> Topic:
    identity, tab, text = line.partition("\t")
    if not tab:
        raise UnreadableError(f"{path}, line {number}: a topic is 'id TAB text'.")
    return Topic(identity.strip(), {"title": text.strip()} if text.strip() else {})


def read_judgments(path: Path) -> list[Judgment]:
    """Return the judgments of a file; raises UnreadableError where a line is none."""
    found: list[Judgment] = []
    for number, line in _lines(_read(path)):
        columns = line.split("\t") if line.count("\t") in (2, 3) else line.split()
        if len(columns) == 4:
            topic, _, document, grade = columns
        elif len(columns) == 3:
            topic, document, grade = columns
        else:
            raise UnreadableError(f"{path}, line {number}: a judgment has three or four columns.")
        try:
            found.append(Judgment(topic.strip(), document.strip(), int(float(grade))))
        except (ValueError, OverflowError) as error:
            if not found:
                continue  # the names of the columns
            raise UnreadableError(f"{path}, line {number}: '{grade}' is not a grade.") from error
    if not found:
        raise UnreadableError(f"{path} has no judgments: write 'topic 0 document grade' lines.")
    return found


def run_lines(
    topic: str, ranking: Iterable[tuple[str, float]], name: str = "broadsheet"
) -> Iterable[str]:
    """Yield the lines of a TREC run for a topic, of (document, score) in their order.

    Evaluators sort by score; scores that do not fall are made to, so that the order holds.
    """
    last = float("inf")
    for rank, (document, score) in enumerate(ranking, 1):
        last = score if score < last else last - max(1e-6, abs(last) * 1e-6)
        yield f"{topic} Q0 {document} {rank} {last:.6f} {name}"
