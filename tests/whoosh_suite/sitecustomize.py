"""Makes our codec Whoosh's default in every process that starts with this folder on its path."""

import whoosh.codec

from indexer.codec import ArrayCodec

whoosh.codec.default_codec = lambda *given, **named: ArrayCodec()
