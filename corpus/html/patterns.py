"""Patterns as data: regular expressions by section, in files that anyone can extend.

`phrases.txt` has what publishers write around their articles, `page_kinds.txt` what pages say that
are no articles. A line is a pattern, one that begins with blanks goes on with the line before, `#`
begins a comment and `[…]` a section; `{end}` stands for what may close a short line.
"""

from __future__ import annotations

import re
from pathlib import Path

_SECTION = re.compile(r"\[([a-z ]+)\]")
_END = r"\s*[:.!…»>→\-–]*\s*$"


def read_patterns(name: str) -> dict[str, str]:
    """Return the alternatives of each section of a file, as one pattern."""
    sections: dict[str, list[str]] = {}
    found: list[str] = []
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if section := _SECTION.fullmatch(line):
            found = sections.setdefault(section[1], [])
        elif line.startswith(" "):
            found[-1] += line.lstrip()
        elif line and not line.startswith("#"):
            found.append(line)
    return {name: "|".join(each).replace("{end}", _END) for name, each in sections.items()}
