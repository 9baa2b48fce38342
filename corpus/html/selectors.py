"""What publishers call the parts of their pages: the words of classes and ids, as data.

Names are split into words (`article__related-links` is article, related, links), so that one word
here matches however a publisher joins them. `_VOCABULARY` and `_PAIRS` say which words mark which
kind of boilerplate, `_BODY_NAME` which names hold an article's text. Nothing belongs to one site.
"""

from __future__ import annotations

import re
from functools import lru_cache

SKIPPED_TAGS = frozenset(
    "script style noscript template svg math canvas iframe object embed video audio button select"
    " input textarea option datalist map area head dialog progress meter applet"
    " amp-ad amp-sidebar amp-iframe amp-analytics amp-consent amp-social-share amp-embed"
    " amp-user-notification amp-video amp-carousel amp-sticky-ad gpt-ad".split()
)
"""Elements without any text of an article."""

TEXTLESS_TAGS = frozenset("script style area head iframe".split())
"""Those of them that hold no part of the page even when their end tag is missing."""

INLINE_TAGS = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark nobr o:p q rp"
    " rt ruby s samp small span strike strong sub sup time tt u var wbr picture source label"
    " amp-img amp-fit-text g-emoji tag-name".split()
)
"""Elements that do not break a paragraph."""

BLOCKING_TAGS = {
    "nav": "nav", "footer": "footer", "aside": "aside", "figcaption": "caption", "menu": "nav",
    "figure": "figure", "header": "header", "form": "form", "fieldset": "form", "table": "table",
    "address": "byline", "details": "details",
}  # fmt: skip
"""Elements that are furniture by their tag, and the kind."""

_WORDS = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+")

_VOCABULARY = {
    "comments": "comment comments disqus respond commentlist livefyre coral fbcomments ugc",
    "nav": "nav navbar navigation navi menu submenu breadcrumb breadcrumbs crumbs pagination "
           "pager paginate paging pagenav prevnext toc subnav topnav skiplink tabs",
    "ad": "ad ads adv advert advertisement advertising adsense adunit adslot adbox advertorial "
          "sponsor sponsored sponsors dfp gpt outbrain taboola criteo adwrapper anzeige "
          "publicidad publicite werbung revcontent zergnet plista ligatus mgid",
    "share": "share sharing shares sharebar sharedaddy sociable social socials addthis addtoany "
             "sharethis shareaholic followus whatsapp facebook shariff socialmedia socialshare "
             "sharetools",
    "related": "related relatedposts relateds recommended recommendation recommendations "
               "recommend recirc recirculation readmore morefrom moreon popular mostpopular "
               "mostread trending teaser teasers seealso youmaylike yarpp crosslinks suggestions "
               "suggested upnext readnext nextarticle nextpost alsoread similar jp",
    "newsletter": "newsletter newsletters subscribe subscription signup optin mailchimp "
                  "mailinglist emailsignup subscribebox donate donation membership",
    "promo": "promo promos promotion promobox cta calltoaction offer shopping affiliate",
    "widget": "embed embedded embeds widget widgets sidebar sidebars rail",
    "consent": "cookie cookies consent gdpr",
    "overlay": "modal popup overlay lightbox tooltip popover offcanvas",
    "caption": "caption captions figcaption imagecaption wpcaption legend cutline",
    "credit": "credit credits copyright photocredit photographer imagecredit",
    "byline": "byline bylines author authors authorbox authorbio bio pubdate timestamp datetime "
              "published publishdate postmeta entrymeta articlemeta contributor writer",
    "tags": "tags taglist tagcloud hashtags keywords topics categories",
    "tools": "toolbar tools printfriendly rating ratings vote votes feedback reactions likes "
             "utility actions controls responses discussion replies reply button buttons btn "
             "icon icons noprint disclaimer",
    "pullquote": "pullquote pullquotes pulledquote",
    "gallery": "gallery galleries slideshow carousel slider swiper thumbnails",
    "player": "player video videos jwplayer brightcove audio podcast",
    "footer": "footer colophon",
}  # fmt: skip
"""Words of a name by the kind of boilerplate that they announce, the surest kind first."""

_RANKS: dict[str, tuple[int, str]] = {}
for _rank, (_kind, _words) in enumerate(_VOCABULARY.items(), 1):
    for _word in _words.split():
        _RANKS.setdefault(_word, (_rank, _kind))
_NO_KIND = (99, "")

_PAIRS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("related", r" (?:read|see|more|most|up|you|also) (?:also|more|on|from|next|read|may|"
                    r"viewed|like|stories|news|in) "),
        ("related", r" (?:next|prev|previous|other|latest|recent|top|similar|linked|more) "
                    r"(?:article|articles|story|stories|post|posts|news|entries|headlines) "),
        ("related", r" in (?:this|other) (?:story|news) "),
        ("pullquote", r" (?:pull|pulled) (?:quote|out) "),
        ("newsletter", r" (?:sign|opt|mail) (?:up|in|list|chimp) "),
        ("newsletter", r" email (?:form|capture|sub) "),
        ("share", r" (?:add (?:this|to any)|follow (?:us|me)|tweet this) "),
        ("nav", r" (?:bread crumb|skip link|post nav|page links|table of contents|"
                r"link pages|index list) "),
        ("byline", r" (?:post|entry|article|story|news|content) (?:meta|info|infos|date|time|"
                   r"author|details|byline) "),
        ("byline", r" (?:about|meta) (?:the )?(?:author|date|info|writer) "),
        ("caption", r" (?:image|photo|picture|img|media|wp) (?:caption|text|desc|description|"
                    r"info|title|credit|source|copyright|legend) "),
        ("tags", r" (?:tag|tags|topic|keyword) (?:list|links|cloud|box|container|wrap|wrapper) "),
        ("tags", r" (?:entry|post|article|story) (?:tags|categories|topics) "),
        ("hidden", r" (?:visually|screen|sr|print|visible) (?:hidden|reader|only) "),
        ("hidden", r"^ (?:(?:is|u) )?(?:hidden|hide) $"),
        ("hidden", r" (?:assistive text|off screen) "),
        ("footnote", r" (?:foot|end)?note (?:anchor|ref|reference|number|link|backref|back) "),
        ("promo", r" (?:in (?:line|article)|inline) (?:promo|module|ad|related|link|cta) "),
        ("promo", r" app (?:download|store|banner) "),
        ("ad", r" (?:google|native|banner|display) (?:ad|ads|advert) "),
    )
)  # fmt: skip
"""Names of two words and more; looked for in the words joined by spaces."""
_PAIR = re.compile("|".join(pattern.pattern for _, pattern in _PAIRS))
_SAYING = frozenset(_RANKS).union(re.findall("[a-z]+", _PAIR.pattern))
"""Words one of which each name has that says anything; most names have none."""

_NOT_FURNITURE = re.compile(
    r" (?:(?:has|with|no|non|not|without|hide|show|enable|disable|post type|category|tag|elementor"
    r"|node|format|status|js) |.* (?:label hidden|has \w+"
    r"|sidebars? (?:layout|wrap|wrapper|content|page|main|grid|left|right)) )"
)
"""Names about something else than the element: layout switches, taxonomies, page builders."""

_ENTRY = re.compile(r"\bhentry\b|\btype-(?:post|article|page)\b|\bnode--type-")
"""An element that content systems mark as the whole article is never furniture."""

CONTAINER_DECLARED, CONTAINER_BODY, CONTAINER_ARTICLE, CONTAINER_MAIN = 4, 3, 2, 1

_BODY_NAME = re.compile(
    r" (?:[a-z]+ ){0,3}?(?:(?:article|art|story|entry|post|news|blog|artikel|noticia|nota) ?"
    r"(?:body|text|bodytext|maintext|content|contents|copy|fulltext|bodycopy|inhalt|cuerpo|texto)"
    r"(?: (?:content|text|copy|body|inner|main|wrapper|wrap|container|core))?"
    r"|body ?(?:copy|text|content)|main ?(?:text|copy)|full ?text|rich ?text"
    r"|(?:field|node|item) (?:name )?(?:body|full ?text|intro ?text)|canvas body)"
    r"(?: v)?(?: \d+)* "
    r"| (?:[a-z]{1,3} )?(?:(?:single|page|content|node) ?(?:body|text|content|contents|copy)"
    r"|(?:article|story|entry|post|news) ?(?:main|entry)|article|story|entry|prose|post"
    r"|texto?|texte"
    r"|cuerpo|inhalt|maincontent|longtext)(?: \d+)* "
)
_RANKED = {
    **dict.fromkeys((" article ", " story ", " entry ", " post "), CONTAINER_ARTICLE),
    **dict.fromkeys(
        (" content ", " main ", " primary ", " main content ", " content main "), CONTAINER_MAIN
    ),
}


@lru_cache(maxsize=16384)
def what_names_say(names: str) -> tuple[str, int]:
    """Return the kind of furniture that an element's class and id announce, "" for none, and how
    surely they name the element that holds an article's text.

    `names` is the element's classes and id, separated by blanks.
    """
    kind, rank = _NO_KIND, 0
    for name in names.split()[:12]:
        own_kind, own_rank = _what_name_says(name)
        if own_kind[0] < kind[0]:
            kind = own_kind
        if own_rank > rank:
            rank = own_rank
    return "" if kind[1] and _ENTRY.search(names) else kind[1], rank


@lru_cache(maxsize=16384)
def _what_name_says(name: str) -> tuple[tuple[int, str], int]:
    """Return the kind that one class or id announces, after how surely (0 is surest), and the rank
    that it gives a container."""
    listed = [word.lower() for word in _WORDS.findall(name[:200])]
    words = f" {' '.join(listed)} "
    rank = _RANKED.get(words) or (CONTAINER_BODY if _BODY_NAME.fullmatch(words) else 0)
    if _SAYING.isdisjoint(listed) or _NOT_FURNITURE.match(words):
        return _NO_KIND, rank
    if _PAIR.search(words):
        return (0, next(kind for kind, pattern in _PAIRS if pattern.search(words))), rank
    return min((_RANKS[word] for word in listed if word in _RANKS), default=_NO_KIND), rank
