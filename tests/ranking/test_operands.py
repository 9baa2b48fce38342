"""Lists of a query hold as many words as are added, those without a list included."""

from __future__ import annotations

import numpy as np
import pytest

from search.embedded.execute.operands import Lists


@pytest.mark.parametrize("n", [0, 7, 8, 9, 10_000])
def test_words_without_a_list_have_room(n: int) -> None:
    lists = Lists(np.zeros(256, np.float32))
    for _ in range(n):
        lists.add([], [], 1.0, 0.5)
    assert len(lists) == 0
