"""A plugin of pytest that runs Whoosh's own tests with our codec as the default.

``make test-whoosh`` fetches Whoosh's source distribution and runs its tests with this. What cannot
pass is expected to fail, and the reason is printed; so is how many tests pass.
"""

from __future__ import annotations

import pytest
import whoosh.codec

from indexer.codec import ArrayCodec

_OPAQUE = "it gives the codec postings whose values are not of the field's format"
_BOOSTS = "weights of single positions are pickled by Whoosh, and pickles are refused"
_SPAWNED = "the processes that it starts do not know this plugin and write with the stock codec"
REASONS = {
    **dict.fromkeys((
        "test_termkey", "test_random_termkeys", "test_termindex", "test_vector",
        "test_fieldwriter_single_term", "test_fieldwriter_two_terms", "test_fieldwriter_multiblock",
        "test_skip",
    ), _OPAQUE),
    "test_corrupt_postings_block_raises_clear_error": "it damages a file of the stock codec",
    "test_tiny_blocks_stored_uncompressed_round_trip": "it reads a file of the stock codec",
    "test_posboost_postings": _BOOSTS,
    "test_charboost_postings": _BOOSTS,
    "test_add_sortable": "a segment that is written gets no further column: index it anew",
    "test_mpwriter_explicit_start_method[spawn]": _SPAWNED,
    "test_mpwriter_explicit_start_method[forkserver]": _SPAWNED,
}  # fmt: skip
"""Tests that fail, and why."""

NOT_THERE = (
    "test_bump_version_script", "test_example", "test_site_version_sync",
)  # fmt: skip
"""Modules that need files which the source distribution does not have; they fail with any codec."""


def pytest_configure(config: pytest.Config) -> None:
    """Make our codec the default."""
    whoosh.codec.default_codec = lambda *given, **named: ArrayCodec()


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what cannot run, and say of what is to fail why."""
    left_out = [item for item in items if item.path.name.startswith(NOT_THERE)]
    items[:] = [item for item in items if not item.path.name.startswith(NOT_THERE)]
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        if reason := REASONS.get(item.name):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
