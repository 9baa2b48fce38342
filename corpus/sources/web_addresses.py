"""One address for one page: without what only tells how somebody came there.

`clean_address` drops tracking parameters and fragments from an address that is shown and stored;
`address_key` is equal for the addresses under which a page is fetched again and again, with http
or https, with a slash at its end or without.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

# The rules of ClearURLs (https://docs.clearurls.xyz) for all sites, and those of analysis tools
# that newspapers use (Matomo, AT Internet, Adobe, Webtrekk, Chartbeat).
_TRACKING = re.compile(
    r"(?:utm_\w*|ga_\w*|mtm_\w*|pk_\w*|piwik_\w*|hsa_\w*|__hs\w*|_hs\w*|at_(?:medium|campaign|"
    r"custom\d|link_\w+|ptr_\w+|bbc_team|format)|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|"
    r"yclid|ymclid|ysclid|twclid|ttclid|li_fat_id|igsh|igshid|mc_[ce]id|mkt_tok|oly_\w+_id|vero_id|"
    r"wickedid|wt_?(?:mc|zmc)(?:_\w+)?|wt\.(?:mc|nav)\w*|xtor|xtref|cmpid|s_cid|smid|smtyp|ncid|"
    r"ns_(?:campaign|mchannel|source|linkname|fee)|__twitter_impression|ref_src|ref_url|"
    r"guccounter|guce_referrer(?:_sig)?|_openstat|fb_(?:action_ids|action_types|source|ref)|"
    r"action_(?:object|type|ref)_map|echobox|cn-reloaded|spm|scid|icid|ico|taid|tblci|dicbo|obOrigUrl|"
    r"ob_click_id|srsltid|mibextid|rb_clickid|s_kwcid|ef_id|epik|sfmc_\w+|_branch_match_id)",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"[?&/_.,;-]*(?:[a-z_]{0,12}?(?:page|pages|pagina|pagina_|pagenum|pageno|pg|p|seite|strona|sida|"
    r"side|sivu|stranica|sayfa|trang|part|paged)[=/_-]?)?0*([1-9]\d{0,2})/?",
    re.IGNORECASE,
)
_PORTS = {"http": ":80", "https": ":443"}


def clean_address(address: str) -> str:
    """Return an http(s) address without tracking parameters, fragment and port; else as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.netloc:
        return address
    host = parts.netloc.lower() if "@" not in parts.netloc else parts.netloc
    query = parts.query
    if query:
        kept = [pair for pair in query.split("&") if not _is_tracking(pair)]
        query = "&".join(kept)
    # Pages of scripts have their address behind '#!' and '#/'.
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit((scheme, host.removesuffix(_PORTS[scheme]), parts.path, query, fragment))


def address_key(address: str) -> str:
    """Return what is equal for all addresses of one page."""
    if address.startswith("http://"):
        address = "https" + address[4:]
    path, mark, query = address.partition("?")
    return path.rstrip("/") + mark + query


def page_number(fetched: str, canonical: str) -> int:
    """Return which page of the article at `canonical` was fetched, by how its address differs.

    0 when it does not tell: the addresses are those of one page, or of two that have nothing to do
    with each other.
    """
    own, other = address_key(fetched), address_key(canonical)
    start = len(_common_start(own, other))
    while start and own[start - 1].isdigit() and (own[start:] + " ")[0].isdigit():
        start -= 1  # not inside a number
    own, other = own[start:], other[start:]
    ending = _common_start(own[::-1], other[::-1])[::-1].lstrip("0123456789")
    own, other = own.removesuffix(ending), other.removesuffix(ending)
    first = _PAGE.fullmatch(other)
    if other and (first is None or first[1] != "1"):
        return 0
    found = _PAGE.fullmatch(own)
    return int(found[1]) if found else 0


def _common_start(one: str, other: str) -> str:
    size = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return one[: min(len(one), len(other)) if size is None else size]


def _is_tracking(pair: str) -> bool:
    return not pair or _TRACKING.fullmatch(pair.split("=", 1)[0].removeprefix("amp;")) is not None
