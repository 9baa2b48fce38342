"""Time zones as news writes them: 'GMT+3', '+0300', 'EST', 'MSK', 'Europe/Moscow', 'Z'.

Abbreviations mean what the newspapers that use them mean: EST is New York's, IST India's, BST
Britain's summer time. The offsets are fixed, because the abbreviation names one.
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["OFFSETS", "ZONE", "offset_zone", "zone_named"]

OFFSETS: dict[str, int] = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "UHR": 0, "BST": 60, "IST": 330, "WEST": 60,
    "CET": 60, "MEZ": 60, "MET": 60, "CEST": 120, "MESZ": 120, "HEC": 60, "EET": 120, "EEST": 180,
    "SAST": 120, "CAT": 120, "WAT": 60, "EAT": 180, "MSK": 180, "MSD": 240, "МСК": 180, "TRT": 180,
    "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "ET": -300, "CST": -360, "CDT": -300,
    "CT": -360, "MST": -420, "MDT": -360, "MT": -420, "PST": -480, "PDT": -420, "PT": -480,
    "AKST": -540, "AKDT": -480, "HST": -600, "NST": -210, "NDT": -150, "BRT": -180, "ART": -180,
    "PKT": 300, "NPT": 345, "WIB": 420, "ICT": 420, "HKT": 480, "SGT": 480, "PHT": 480, "MYT": 480,
    "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "GST": 240, "IRST": 210, "IDT": 180, "SGST": 480,
}  # fmt: skip
"""Minutes east of Greenwich of each abbreviation. 'ET', 'CT', 'MT' and 'PT' are taken as winter
time: the day decides between the two, and nobody counts on an hour there."""

_OFFSET = r"[+−–-]\d{1,2}(?::?\d{2})?(?!\d)"
ZONE = (
    rf"(?:(?:GMT|UTC|UT|MSK|МСК)\s?{_OFFSET}|{_OFFSET}|"
    rf"(?:{'|'.join(sorted((re.escape(n) for n in OFFSETS), key=len, reverse=True))})\b"
    r"|[A-Z][a-z]+/[A-Z][A-Za-z_]+)"
)
"""Pattern of a time zone, for the patterns of others to hold."""

_PARTS = re.compile(
    r"^\s*(?P<name>[^\W\d_]+)?\s*(?:(?P<sign>[+−–-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?\s*$"
)


@lru_cache(maxsize=1024)
def offset_zone(minutes: int) -> tzinfo | None:
    """Return the fixed zone that many minutes east of Greenwich; None when there is none such."""
    # The most that any place on Earth has ever kept is a little over 15 hours.
    return timezone(timedelta(minutes=minutes)) if abs(minutes) <= 16 * 60 else None


@lru_cache(maxsize=1024)
def zone_named(text: str) -> tzinfo | None:
    """Return the zone that `text` names, None when it names none."""
    if "/" in text:
        try:
            return ZoneInfo(text.strip())
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    found = _PARTS.match(text)
    if not found or not (found["name"] or found["sign"]):
        return None
    minutes = 0
    if found["name"]:
        if found["name"].upper() not in OFFSETS:
            return None
        # 'MSK+2' counts from Moscow, 'GMT+3' from Greenwich.
        minutes = OFFSETS[found["name"].upper()]
    if found["sign"]:
        shift = int(found["hours"]) * 60 + int(found["minutes"] or 0)
        minutes += shift if found["sign"] == "+" else -shift
    return offset_zone(minutes)
