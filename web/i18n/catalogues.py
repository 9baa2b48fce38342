"""The message catalogues: what the pages say, found in templates and code, and its translations.

``python -m web.i18n.catalogues`` brings ``translations/*/LC_MESSAGES/messages.po`` up to date with
the pages and compiles them; the compiled files are kept beside them, so that neither an
installation nor a checkout needs a build step. A test holds every catalogue to being complete and
compiled.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from corpus.core.fields import LABELS
from corpus.core.kinds import KINDS
from web.i18n.wording import LANGUAGES, NAMES
from web.views.help import lesson_messages

_HERE = Path(__file__).resolve().parent.parent
FOLDER = _HERE / "translations"

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""A date that never changes: what was translated when is in the history of the file."""

_METHODS = [("**.py", "python"), ("templates/**", "jinja2")]
_KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "bad_request": None, "Undelivered": None,
    "ngettext": (1, 2),
}  # fmt: skip
_OPTIONS = {"templates/**": {"trimmed": "true", "silent": "false"}}


def messages() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """Yield every message of the pages: (file, line, text or (singular, plural))."""
    found = extract_from_dir(
        str(_HERE), method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    )
    for file, line, text, _comments, _context in sorted(found, key=lambda each: each[:2]):
        if text:
            yield file, line, text
    for text in lesson_messages():
        yield "help.py", 0, text
    for text in (*LABELS.values(), *NAMES.values(), *KINDS.values()):
        yield "wording.py", 0, text


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it is kept."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(kept: Catalog) -> bytes:
    """Return a catalogue in the form that gettext reads."""
    buffer = io.BytesIO()
    write_mo(buffer, kept)
    return buffer.getvalue()


def missing(kept: Catalog) -> list[str]:
    """Return the messages of the pages that a catalogue does not translate."""
    lacking = []
    for _file, _line, text in messages():
        key = text if isinstance(text, str) else text[0]
        message: Message | None = kept.get(key)
        if message is None or message.fuzzy or not _whole(message):
            lacking.append(key)
    return lacking


def _whole(message: Message) -> bool:
    """Return whether a message is translated, in all its plural forms."""
    if isinstance(message.string, str):
        return bool(message.string)
    return message.string is not None and all(message.string)


def main() -> None:
    """Bring the catalogues up to date and compile them; what is missing is printed."""
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        language = folder.name
        path = folder / "LC_MESSAGES" / "messages.po"
        old = catalogue(language) if path.exists() else Catalog(locale=language)
        new = Catalog(
            locale=language,
            header_comment=f"# What the pages say, in {LANGUAGES.get(language, language)}.",
            project="Broadsheet",
            version="1",
            msgid_bugs_address="-",
            last_translator="-",
            language_team="-",
            creation_date=_EPOCH,
            revision_date=_EPOCH,
            fuzzy=False,
        )
        for file, _line, text in messages():
            known = old.get(text if isinstance(text, str) else text[0])
            new.add(text, string=known.string if known else None, locations=[(file, 0)])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file_:
            write_po(file_, new, width=100, sort_output=True, no_location=True)
        kept = catalogue(language)
        path.with_suffix(".mo").write_bytes(compiled(kept))
        lacking = missing(kept)
        print(f"{language}: {len(kept)} messages, {len(lacking)} to translate")
        for text in lacking:
            print(f"  {text!r}")


if __name__ == "__main__":
    main()
