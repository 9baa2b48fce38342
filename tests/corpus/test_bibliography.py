"""RIS and BibTeX of reference managers and libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.core.article import Article
from corpus.reading import read


def _read(tmp_path: Path, text: str, name: str) -> list[Article]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    skips: list[object] = []
    articles = list(read([file], skips.append))
    assert not skips
    return articles


def test_ris_gives_its_entries(tmp_path: Path) -> None:
    first, second = _read(
        tmp_path,
        """TY  - NEWS
TI  - Die letzte Mühle schließt
AU  - Korn, Jan
AU  - Quill, Ada
T2  - Arle-Bote
AB  - Nach 300 Jahren
 ist Schluss.
DA  - 2011/05/03/
Y2  - 2024/01/02/10:00:00
SE  - Land
SP  - 9
LA  - de-DE
UR  - https://a.example/1
KW  - Mühlen
KW  - Mehl, grob
ER  -

TY  - JOUR
T1  - Mill to close
JO  - The Arle Post
PY  - 2011/05//
ER  -
""",
        "a.ris",
    )
    assert (first.title, first.authors, first.source, first.section, first.page) == (
        "Die letzte Mühle schließt", ("Jan Korn", "Ada Quill"), "Arle-Bote", "Land", "9",
    )  # fmt: skip
    assert (first.lead, first.published, first.tags, first.language, first.url) == (
        "Nach 300 Jahren ist Schluss.", "2011-05-03", ("Mühlen", "Mehl, grob"), "de",
        "https://a.example/1",
    )  # fmt: skip
    assert (second.title, second.source, second.published) == (
        "Mill to close", "The Arle Post", "2011-05",
    )  # fmt: skip


@pytest.mark.parametrize(("date", "stated"), [
    ("date = {2011-05-03}", "2011-05-03"), ("year = 2011, month = may, day = 3", "2011-05-03"),
    ("year = {2011}, month = {5}", "2011-05"), ('year = "2011"', "2011"),
])  # fmt: skip
def test_bibtex_gives_its_entries(date: str, stated: str, tmp_path: Path) -> None:
    text = r"""% from a library
@comment{nothing}
@article{korn_2011,
  title = {Die letzte {M}{\"u}hle schlie{\ss}t},
  author = "Korn, Jan and {Verein f{\"u}r M\"uhlen} and Garc{\'\i}a, Jos\'e",
  journal = {Arle-Bote}, pages = {9--10}, keywords = {Mühlen, Mehl},
  abstract = {Nach 300 Jahren ist Schluss \& {nichts} bleibt.},
  urldate = {2024-01-02}, DATE
}
@online{x, title = {Mill to close}, url = {https://a.example/1}}
""".replace("DATE", date)
    first, second = _read(tmp_path, text, "a.bib")
    assert (first.title, first.authors, first.source, first.page) == (
        "Die letzte Mühle schließt", ("Jan Korn", "Verein für Mühlen", "José García"),
        "Arle-Bote", "9",
    )  # fmt: skip
    assert (first.lead, first.tags, first.published, first.own_id) == (
        "Nach 300 Jahren ist Schluss & nichts bleibt.", ("Mühlen", "Mehl"), stated, "korn_2011",
    )  # fmt: skip
    assert (second.title, second.url) == ("Mill to close", "https://a.example/1")
