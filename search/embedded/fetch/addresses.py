"""The articles of an address, found in the column of addresses as it lies in memory."""

from __future__ import annotations

import re

import numpy as np

from search.addresses import address_key
from search.embedded.reader import LeafReader
from search.embedded.typing import U32


def docs_at(leaf: LeafReader, key: str) -> U32:
    """Return the documents of a leaf with this key of an address, uint32[], ascending.

    The column is read through once, a gigabyte in about a second.
    """
    urls = leaf.segment.urls
    found = []
    host, slash, path = [re.escape(part.encode()) for part in key.partition("/")]
    wanted = re.compile(b"(?i:%b)%b%b" % (host, slash, path))
    for match in wanted.finditer(urls.data.data):
        doc = int(np.searchsorted(urls.offsets, match.start(), side="right")) - 1
        start, end = int(urls.offsets[doc]), int(urls.offsets[doc + 1])
        if address_key(urls.data[start:end].tobytes().decode("utf-8", "replace")) == key:
            found.append(doc)
    docs = np.array(sorted(set(found)), np.uint32)
    docs.setflags(write=False)
    return docs
