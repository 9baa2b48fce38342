"""A plugin of pytest that leaves out what of Whoosh's own tests says nothing of our codec.

``make test-whoosh`` fetches Whoosh's source distribution and runs its tests with this, and with the
folder of this file on the path of all processes, which makes our codec the default.
"""

from __future__ import annotations

import pytest

NOT_THERE = ("test_bump_version_script", "test_example", "test_site_version_sync")
"""Modules that need files which the source distribution does not have; they fail with any codec."""

STOCK_FILES = (
    "test_corrupt_postings_block_raises_clear_error",
    "test_tiny_blocks_stored_uncompressed_round_trip",
)
"""Tests of the stock codec's own files: one damages its blocks, one counts how it compresses."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out those tests, counted as deselected."""
    left_out = [
        item for item in items
        if item.path.name.startswith(NOT_THERE) or item.name in STOCK_FILES
    ]  # fmt: skip
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
