"""What a single line of a scraped page is, as far as it tells by itself.

A credit names a right holder or a photo agency in one of the usual ways; counters are numbers
only; a label is 'Topic:' or 'Tags:'; a headline stands in title case without a full stop; a
sentence ends like one.
"""

from __future__ import annotations

import re

_MAX_CREDIT = 200
_CREDIT = re.compile(
    r"^(?:©|\(c\)|&copy;|copyright\b)"
    r"|^(?:AP|AFP|REUTERS|EPA|DPA|TASS|XINHUA|UPI|ANSA|EFE|EAST NEWS|GETTY(?: IMAGES)?|SPUTNIK|"
    r"RIA NOVOSTI|FLICKR|YOUTUBE|TWITTER|FACEBOOK|INSTAGRAM|VK|PIXABAY|UNSPLASH|PEXELS|FOTOLIA|"
    r"SHUTTERSTOCK|ISTOCK|DEPOSITPHOTOS|ALAMY|REX|PA|WIKIPEDIA|WIKIMEDIA(?: COMMONS)?|RUPTLY|"
    r"KREMLIN|NASA|ESA|ZUMA(?: PRESS)?|IMAGO|PICTURE ALLIANCE|SIPA|KEYSTONE|ANADOLU(?: AGENCY)?|"
    r"IMAGO IMAGES|KCNA|ABACA|CTK|GLOBAL LOOK PRESS|EPA-EFE|JIJI|KYODO|YONHAP|"
    r"HANDOUT|U\.?S\.? (?:NAVY|ARMY|AIR FORCE|MARINE CORPS))"
    r"(?:\s*(?:20\d\d|19\d\d))?(?:\s+(?:photo|images|news|pool|handout|commons|archive))?"
    r"(?:\s*/|\s*\||\s*$)"
    r"|^(?:(?:photos?|foto|image|images|picture|photograph|bild|video|screenshot|illustration|"
    r"cartoon|graphic)(?:\s+credits?)?\s*:\s*\S"
    r"|(?:photo|image|picture|photograph|courtesy|screenshot|screengrab|video grab)"
    r"(?:\s+courtesy)?\s+(?:by|of|from)\s+(?-i:[A-Z0-9@]))"
    r"|^(?:CC[ -]?BY|CC0|CC-|creative commons|public domain|screenshot|screengrab)\b"
    r"|^(?:[^\W\d_]+\s){0,3}(?:Photo|Images|Getty Images|Photo Service|Press Service)\s*/\s*\S",
    re.IGNORECASE,
)
_CREDIT_LAST = re.compile(
    r"^(?:[^.!?:;,]{2,60}?\s*/\s*|.{2,80}\b(?:via|for)\s+)"
    r"(?:AP(?: Photo)?|AFP|REUTERS|EPA(?:-EFE)?|DPA|TASS|Getty Images|Xinhua|UPI|ANSA|EFE|Sputnik|"
    r"Shutterstock|Alamy|Pool|Handout|Flickr|YouTube|NASA)"
    r"(?:\s*[,/]\s*(?:file|pool|handout)(?: photo)?)?$"
    r"|^.{2,60}\s(?:photos?|image|picture)\s+(?:by|courtesy of)\s+\S.{1,60}$"
    r"|^(?:www\.)?[\w-]+\.(?:ru|com|org|net|gov|mil)$",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"\s+(?=(?:©|\(c\)\s)\s*\S)", re.IGNORECASE)
_COUNTERS = re.compile(r"^(?:\d[\d.,]*[KMkm]?)(?:[\s|/·]+\d[\d.,]*[KMkm]?){0,9}$")
_LABEL = re.compile(
    r"^(?P<name>topics?|tags?|keywords|related(?: (?:articles?|stories|news))?|see also)\s*:\s*"
    r"(?P<value>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CAPTION_MARK = re.compile(
    r"\(?\bfile(?: photo| image| picture)?\b\)?\.?$|\b(?:left|right|centre|center)\b\)|"
    r"\b[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}\b|\b\d{1,2} [A-Z][a-z]{2,8} \d{4}\b",
    re.IGNORECASE,
)
_GLUED_LABEL = re.compile(r"^(?P<before>.*[^\s'\"‘“(,])\s*(?P<label>(?:Topic|Tags):)$")
_MORE = re.compile(
    r"^(?:(?:also )?read(?: also| more| this)?|more|related|see also|lesen sie auch|watch|"
    r"watch more)"
    r"\s*:\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\s*\(\s*\d+\s*\)\s*$")
_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$|[\"”»]$|:$")
_STOP = re.compile(r"\.[\"'”’»)\]]*$|…$")
_FURNITURE = re.compile(
    r"^(?:get short url|short url|go to the photo bank|go to the mediabank|subscribe|print|share|"
    r"tweet|comment|comments|discuss|discussion|community standards(?:discussion)?|leave a comment|"
    r"comment via (?:facebook|sputnik).*|listen to .{0,20}|like|0 comments?|advertisement|"
    r"recommended|all comments|show new comments.*|new comments|sign in|log in|register|"
    r"view all .{0,30}|facebook|twitter|google\+|whatsapp|telegram|vk|reddit|e-?mail|"
    r"never miss a story again.*|don't want to miss .{1,100}|"
    r"the views (?:and opinions )?expressed .{1,200}|"
    r"[—–-]{1,2}\s*.{1,60}\(@\w{1,20}\).{0,40}|pic\.twitter\.com/\w+)$",
    re.IGNORECASE,
)
_SECTIONS = frozenset(
    ("world", "politics", "russia", "europe", "us", "u.s.", "usa", "america", "americas", "asia",
     "africa", "business", "economy", "finance", "tech", "technology", "science", "society", "life",
     "lifestyle", "culture", "viral", "opinion", "columnists", "environment", "sport", "sports",
     "entertainment", "travel", "health", "education", "crime", "law", "media", "energy",
     "defense", "defence", "interviews", "analysis", "art", "news", "videos", "photo",
     "multimedia", "infographics", "cartoons", "religion", "military", "international", "national",
     "local", "metro", "politik", "wirtschaft", "panorama", "gesellschaft", "kultur", "wissen",
     "middle east", "latin america", "military & intelligence", "asia & pacific", "asia-pacific",
     "art & living", "science & tech", "near east", "south america", "north america",
     "central asia", "eastern europe", "home affairs", "world news", "us news", "uk news")
)  # fmt: skip
_SMALL = frozenset(
    "a an and as at but by for from in into nor of off on onto or over per than the to up upon via "
    "vs with amid after about its is be s t".split()
)
_WORD = re.compile(r"[^\W_][\w'’.&-]*")
Label = tuple[str, str]


def is_credit(line: str) -> bool:
    """Tell '© AP Photo/ Jane Doe', 'REUTERS/ Jane Doe', 'CC BY 2.0 / Jane Doe / Title'."""
    if len(line) > _MAX_CREDIT:
        return False
    if not _CREDIT.search(line):
        return len(line) <= 100 and _CREDIT_LAST.match(line) is not None
    # 'Photo: …' may open a sentence; a credit does not go on like one.
    return line.startswith(("©", "(c)", "(C)")) or not (_STOP.search(line) and len(line) > 80)


def split_credit(line: str) -> tuple[str, str] | None:
    """Return caption and credit of 'A bridge © AP Photo/ Jane Doe', None for another line."""
    if is_credit(line):
        return None
    pieces = _INSIDE.split(line, maxsplit=1)
    if len(pieces) == 2 and pieces[0] and is_credit(pieces[1]):
        return pieces[0].strip(), pieces[1].strip()
    return None


def is_counters(line: str) -> bool:
    """Tell a line of numbers only: comments, views, shares."""
    return len(line) <= 60 and _COUNTERS.match(line) is not None


def is_furniture(line: str) -> bool:
    """Tell the words on buttons and the signatures under embedded posts."""
    return len(line) <= 260 and _FURNITURE.match(line) is not None


def label_of(line: str) -> Label | None:
    """Return ("topic" | "tags" | "related", what follows on the line) for a line with a label."""
    if found := _LABEL.match(line):
        name = found["name"].lower()
        value = found["value"].strip()
        if name.startswith("topic"):
            return "topic", value
        if name.startswith(("tag", "keyword")):
            return "tags", value
        return "related", value
    if (more := _MORE.match(line)) and not _STOP.search(line):
        return "related", more["value"].strip()
    return None


def split_label(line: str) -> tuple[str, str] | None:
    """Return ('World', 'Topic:') for 'WorldTopic:', None for a line whose end is no label."""
    found = _GLUED_LABEL.match(line)
    if found is None or (len(found["before"]) > 60 and not _STOP.search(found["before"])):
        return None
    return found["before"], found["label"]


def without_count(topic: str) -> str:
    """Return 'Battle' for 'Battle (35)'."""
    return _COUNT.sub("", topic).strip()


def has_count(topic: str) -> bool:
    """Tell 'Battle (35)', which only topics look like."""
    return _COUNT.search(topic) is not None


def is_tag_list(line: str) -> bool:
    """Tell 'Daesh, Russia, United States' from a sentence that has commas too."""
    if not line or (_STOP.search(line) and not re.search(r"\b[A-Z]\.$", line)):
        return False
    tags = line.split(",")
    return all(len(tag) <= 80 and len(tag.split()) <= 9 for tag in tags)


def title_case(line: str) -> float:
    """Return the share of the line's long words, after its first, that start with a capital."""
    words = _WORD.findall(line)[1:]
    long = [word for word in words if word.lower() not in _SMALL and not word[0].isdigit()]
    if not long:
        return 0.0
    capitals = [word for word in long if word[0].isupper()]
    return len(capitals) / len(long)


def is_sentence(line: str) -> bool:
    """Tell running text: it ends like a sentence and is not in title case."""
    if len(line) > 300:
        return True
    if not _END.search(line):
        return False
    share = title_case(line)
    if _STOP.search(line):
        return share < 1.0 or len(line) > 140
    return share < 0.75


def is_headline(line: str) -> bool:
    """Tell a headline: title case, no full stop, neither very short nor long."""
    return (
        10 <= len(line) <= 250
        and len(line.split()) >= 3
        and not is_sentence(line)
        and title_case(line) >= 0.7
    )


def looks_like_caption(line: str) -> bool:
    """Tell a caption from a headline where both can stand: a few words, a day, '(File)'."""
    return not is_headline(line) or len(line.split()) <= 5 or _CAPTION_MARK.search(line) is not None


def is_section(line: str) -> bool:
    """Tell the name of a section that newspapers usually have."""
    return line.lower().strip() in _SECTIONS


def is_short(line: str) -> bool:
    """Tell a line that can be a section's name: up to five words that do not make a sentence."""
    return len(line) <= 45 and len(line.split()) <= 5 and not is_sentence(line)
