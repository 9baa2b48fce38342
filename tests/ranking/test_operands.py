"""Lists of a query hold as many words as there are, those without a list included."""

from __future__ import annotations

import numpy as np
import pytest

from search.embedded.execute.operands import FieldReader, Lookups, Term, lists_of


@pytest.mark.parametrize("n", [0, 7, 8, 9, 10_000])
def test_words_without_a_list_have_room(n: int) -> None:
    lookups = Lookups("text")
    lookups.norm, lookups.rows = np.zeros(256, np.float32), [[]]
    words = [Term(lookups, [], "") for _ in range(n)]
    assert len(lists_of(FieldReader(None, 0), words)) == 0
