"""The article: the only value that passes from `corpus` to `indexer`.

A reader fills what it knows and leaves the rest empty: unknown stays unknown. Text is plain
Unicode without markup; every sequence is a tuple, so an article can be shared between threads.
"""

from __future__ import annotations

from dataclasses import dataclass

from corpus.core.stated_date import StatedDate


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read from.

    `path` is the file as the user named it, with members of archives behind ``!``
    (``pages.zip!2017/a.html``); `position` is the ordinal of the article in it, from 1;
    `reader` is the name of the format's reader.
    """

    path: str = ""
    position: int = 1
    reader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article.

    Its JSON begins with id, url, title and lead: `indexer.segment.stored` keeps the first three
    apart. `own_id` is what the source itself calls it, where it does. `published` and `updated` are
    as the source states them, each as well as it is known, or None. `date_source` says where
    `published` came from ("schema.org", "meta", "time", "url", "text", "file", ...). `body` is one
    string a paragraph, the article's own sentences only. `place` is the dateline's place, `places`
    what the article is about. `kind` is one of `corpus.core.kinds.KINDS`, or "" where the source
    does not tell. `page` is the printed page as the paper numbers it ("A2"), `ocr_confidence` the
    mean that OCR gave to the words, from 0 to 1, where the text was scanned and it says so.
    `language` is an ISO 639-1 code or "". `provenance` holds
    (field, where it came from) pairs, in field order, for `broadsheet inspect`.
    """

    id: str
    url: str = ""
    title: str = ""
    lead: str = ""
    body: tuple[str, ...] = ()
    published: StatedDate | None = None
    updated: StatedDate | None = None
    date_source: str = ""
    section: str = ""
    topic: str = ""
    kind: str = ""
    page: str = ""
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    source: str = ""
    own_id: str = ""
    agency: str = ""
    place: str = ""
    places: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    language: str = ""
    captions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    ocr_confidence: float | None = None
    origin: Origin = Origin()
    provenance: tuple[tuple[str, str], ...] = ()


def make_id(*, url: str = "", own: str = "", source: str = "", content: str = "") -> str:
    """Return the stable id of an article: 16 lower-case hexadecimal digits.

    Derived from the canonical URL (the same with http and https, with a slash at its end and
    without), else from the source's own id (told apart by outlet), else
    from the content: the first of these that is not empty decides. Raises ValueError when all
    are.
    """
    if url:
        from corpus.sources.web_addresses import address_key  # no search needs its patterns

        key = "url\0" + address_key(url)
    elif own:
        key = f"own\0{source}\0{own}"
    elif content:
        key = "content\0" + content
    else:
        raise ValueError("an id needs a url, an id of the source, or content")
    from hashlib import blake2b  # loads OpenSSL, which a search does not need

    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
