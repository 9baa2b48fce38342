"""Time zones as news writes them: 'GMT+3', '+0300', 'EST', 'MSK', 'Europe/Moscow', 'Z'.

Abbreviations mean what the newspapers that use them mean: EST is New York's, IST India's, BST
Britain's summer time, unless the newspaper is of a region that means another. The offsets are
fixed, because the abbreviation names one; 'ET' and the like are summer or winter time by the day.
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OFFSETS: dict[str, int] = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "BST": 60, "IST": 330, "WEST": 60,
    "CET": 60, "MEZ": 60, "MET": 60, "CEST": 120, "MESZ": 120, "HEC": 60, "EET": 120, "EEST": 180,
    "SAST": 120, "CAT": 120, "WAT": 60, "EAT": 180, "MSK": 180, "MSD": 240, "МСК": 180, "TRT": 180,
    "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "WITA": 480, "WIT": 540,
    "AKST": -540, "AKDT": -480, "HST": -600, "NST": -210, "NDT": -150, "BRT": -180, "ART": -180,
    "PKT": 300, "NPT": 345, "WIB": 420, "ICT": 420, "HKT": 480, "SGT": 480, "PHT": 480, "MYT": 480,
    "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "GST": 240, "IRST": 210, "IDT": 180, "SGST": 480,
}  # fmt: skip
"""Minutes east of Greenwich of each abbreviation."""

_BY_REGION: dict[tuple[str, str], int] = {
    ("IST", "IE"): 60, ("IST", "IL"): 120, ("BST", "BD"): 360, ("CST", "CN"): 480,
    ("CST", "TW"): 480, ("CST", "HK"): 480, ("CST", "CU"): -300, ("EST", "AU"): 600,
    ("EDT", "AU"): 660, ("CST", "AU"): 570, ("CDT", "AU"): 630, ("WST", "AU"): 480,
    ("AST", "SA"): 180, ("AST", "IQ"): 180, ("AST", "KW"): 180, ("PST", "PH"): 480,
    ("PST", "PK"): 300, ("MST", "MY"): 480, ("MST", "MM"): 390, ("GST", "GS"): -120,
    ("SST", "SG"): 480, ("ADT", "IQ"): 240,
}  # fmt: skip
"""Those that mean another offset in some regions (ISO 3166-1)."""

_BY_DAY = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}  # fmt: skip
_IN_WORDS = {
    "eastern": "ET", "central": "CT", "mountain": "MT", "pacific": "PT", "moscow": "MSK",
    "indian": "IST", "greenwich": "GMT",
}  # fmt: skip
_DIGITS = r"\d{1,2}(?::?\d{2})?(?!\d|:\d)"
_WORDS = (
    r"(?:Eastern|Central|Mountain|Pacific|Moscow|Indian|Greenwich)"
    r"(?: (?:Standard|Daylight|Mean))? [Tt]ime"
)
ZONE = (
    rf"(?:(?:GMT|UTC|UT|MSK|МСК|Msk|мск|Мск)\s?[+−–-]\s?{_DIGITS}|[+−-]{_DIGITS}|"
    rf"(?:{'|'.join(sorted((re.escape(n) for n in (*OFFSETS, *_BY_DAY)), key=len, reverse=True))}"
    rf"|WST|SST|мск|Мск)(?![^\W\d_])|{_WORDS}|[A-Z][a-z]+/[A-Z][A-Za-z_]+)"
)
"""Pattern of a time zone, for the patterns of others to hold."""

_PARTS = re.compile(
    r"^\s*(?P<name>[^\W\d_]+)?\s*(?:(?P<sign>[+−–-])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?\s*$"
)


@lru_cache(maxsize=1024)
def offset_zone(minutes: int) -> tzinfo | None:
    """Return the fixed zone that many minutes east of Greenwich; None when there is none such."""
    # The most that any place on Earth has ever kept is a little over 15 hours.
    return timezone(timedelta(minutes=minutes)) if abs(minutes) <= 16 * 60 else None


@lru_cache(maxsize=1024)
def zone_named(text: str, region: str = "") -> tzinfo | None:
    """Return the zone that `text` names in a region (ISO 3166-1), None when it names none."""
    if "/" in text:
        try:
            return ZoneInfo(text.strip())
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    if text.endswith("ime"):
        name, *kind = text.lower().split()
        text = _IN_WORDS[name]
        if "daylight" in kind:
            text = text.replace("T", "DT")
        elif "standard" in kind:
            text = text.replace("T", "ST") if len(text) == 2 else text
    found = _PARTS.match(text)
    if not found or not (found["name"] or found["sign"]):
        return None
    minutes = 0
    if found["name"]:
        name = found["name"].upper()
        if name in _BY_DAY and not found["sign"]:
            return ZoneInfo(_BY_DAY[name])
        named = _BY_REGION.get((name, region), OFFSETS.get(name))
        if named is None:
            return None
        # 'MSK+2' counts from Moscow, 'GMT+3' from Greenwich.
        minutes = named
    if found["sign"]:
        shift = int(found["hours"]) * 60 + int(found["minutes"] or 0)
        minutes += shift if found["sign"] == "+" else -shift
    return offset_zone(minutes)
