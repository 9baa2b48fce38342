"""Notes of an answer in the reader's language.

Engines write them in English with a stable code; what has no translation here is shown as it came.
"""

from __future__ import annotations

from search.answer import Note

__all__ = ["note_text"]


def note_text(note: Note) -> str:
    """Return a note in the reader's language."""
    return note.message
