"""In which region a text was written, by what its source says: 'en-GB', 'en_AU', 'paper.co.uk'."""

from __future__ import annotations

import re
from functools import lru_cache

_TAG = re.compile(r"^\s*([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_]([A-Za-z]{2}))?(?![A-Za-z])")
_HOST = re.compile(r"^https?://(?:[^/?#@]*@)?[^/?#:]*\.([a-z]{2})(?::\d+)?(?=[/?#]|$)", re.I)
_OF_NO_COUNTRY = frozenset(
    "ac ai as cc cd cx dj fm gg gl gs im io is la ly me ml ms mu nu pm sc sh so st tk tm to tv vc"
    " vg ws co".split()
)
"""Domains of countries that most sites have for what they mean in a language."""

_REGIONS = {"UK": "GB", "EU": ""}


@lru_cache(maxsize=8192)
def language_and_region(*tags: str, url: str = "") -> tuple[str, str]:
    """Return the language (ISO 639-1) and region (ISO 3166-1) of a source, '' where unknown.

    `tags` are what it calls its language (BCP 47, or 'en_GB'), the most trusted first; the domain
    of its `url` has the last say.
    """
    language = region = ""
    for tag in tags:
        if found := _TAG.match(tag):
            language = language or found[1].lower()
            region = region or (found[2] or "").upper()
    if not region and (host := _HOST.match(url)) and host[1].lower() not in _OF_NO_COUNTRY:
        region = host[1].upper()
    return language, _REGIONS.get(region, region)
