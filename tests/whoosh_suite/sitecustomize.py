"""Makes our codec Whoosh's default in every process that starts with this folder on its path."""

import whoosh.codec

from indexer.whoosh.codec import ArrayCodec

whoosh.codec.default_codec = lambda *given, **named: ArrayCodec()
