"""RTF to text: each paragraph stands apart, a table's row is a line with tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from corpus.core.errors import UnreadableError
from corpus.unwrap import Inside

_LINE_ENDS = re.compile(r"\n+")
_CELLS = re.compile(r"\|(?=[^\n]*\|[ \t]*$)", re.MULTILINE)


def unwrapped(raw: bytes) -> Iterator[Inside]:
    """Yield the text of an RTF file."""
    # The library looks for links by a pattern that takes long on lines made to harm it; what is
    # ignored anyhow needs no links.
    markup = raw.decode("latin-1").replace("\\fldinst", "\\fldnone")
    try:
        text = str(rtf_to_text(markup, errors="replace"))  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise UnreadableError("it is an RTF file, but damaged") from error
    text = re.sub(r"\|[ \t]*$", "", _CELLS.sub("\t", text), flags=re.MULTILINE)
    yield Inside(_LINE_ENDS.sub("\n\n", text).encode("utf-8", "replace"), ".txt")
