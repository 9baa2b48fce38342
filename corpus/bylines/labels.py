"""The words around names in bylines: 'By', 'Text:', 'Foto:', 'Írta:', '기자'.

Tables by language, as newspapers print them, and what is made of them: `author_part` returns the
names of those who wrote, without labels and without photographers, editors and translators;
`is_labelled` tells that a line starts as a byline does. Add a word where it is missing.
"""

from __future__ import annotations

import re
from functools import cache

BEFORE: dict[str, tuple[str, ...]] = {
    "en": ("by", "written by", "reported by", "reporting by", "writing by",
           "posted by", "published by", "compiled by", "story by", "text by", "words by",
           "article by", "guide by", "review by", "recipe by", "analysis by",
           "opinion by", "interview by", "report by", "column by", "essay by", "commentary by",
           "feature by", "post by", "contributed by", "words:", "text:", "story:", "author",
           "authors", "byline:"),
    "de": ("von", "ein artikel von", "ein beitrag von", "ein kommentar von", "eine analyse von",
           "ein gastbeitrag von", "ein interview von", "ein essay von", "geschrieben von",
           "verfasst von", "von unserem korrespondenten", "von unserer korrespondentin",
           "von unserem redakteur", "von unserer redakteurin", "text von", "interview:", "autor",
           "autorin", "autoren", "autor:in"),
    "fr": ("par", "écrit par", "rédigé par", "article rédigé par", "publié par", "texte de",
           "propos recueillis par", "recueillis par", "de notre correspondant",
           "de notre correspondante", "de notre envoyé spécial", "de notre envoyée spéciale",
           "de la rédaction", "texte:", "auteur", "auteurs", "autrice"),
    "es": ("por", "escrito por", "un artículo de", "texto:", "texto de", "autora", "autores",
           "redacción:"),
    "pt": ("por", "escrito por", "reportagem de", "texto de", "reportagem:"),
    "it": ("di", "da", "scritto da", "a cura di", "articolo di", "testo di", "dal nostro inviato",
           "dalla nostra inviata", "testo:", "autore", "autrice"),
    "nl": ("door", "geschreven door", "tekst:", "auteurs"),
    "sv": ("av", "skrivet av", "text:", "text av", "skribent:", "reporter:"),
    "da": ("af", "skrevet af", "tekst:", "journalist:"),
    "af": ("deur", "geskryf deur"),
    "no": ("av", "skrevet av", "tekst:", "journalist:"),
    "fi": ("teksti:", "kirjoittanut", "kirjoittaja:", "toimittaja:"),
    "is": ("eftir", "höfundur:", "texti:"),
    "pl": ("przez", "napisał", "napisała", "opracował", "opracowała", "oprac.", "rozmawiał",
           "rozmawiała", "tekst:", "autorzy", "autorka"),
    "cs": ("napsal", "napsala", "napsali", "připravil", "připravila", "zpracoval", "zpracovala",
           "autorka"),
    "sk": ("napísal", "napísala", "napísali", "pripravil", "pripravila", "autorka"),
    "hu": ("írta", "szerző", "szerzők", "szöveg:", "riporter:", "lejegyezte"),
    "ro": ("scris de", "un articol de", "publicat de", "text de", "autor:"),
    "bg": ("от", "автор", "автори", "пише"),
    "mk": ("од", "пишува", "автор:"),
    "sr": ("piše", "pišu", "napisao", "napisala", "пише", "аутор", "autori"),
    "hr": ("piše", "pišu", "napisao", "napisala", "autorica", "tekst:"),
    "sl": ("piše", "pišejo", "avtor", "avtorica", "besedilo:"),
    "ru": ("автор", "авторы", "текст", "автор статьи", "подготовил", "подготовила"),
    "uk": ("автор", "авторка", "автори", "текст", "підготував", "підготувала", "автор статті"),
    "lt": ("autorius", "autorė", "parengė"),
    "lv": ("autors", "autore", "teksts:", "sagatavoja"),
    "et": ("tekst:", "kirjutas", "autor:"),
    "el": ("του", "της", "των", "γράφει ο", "γράφει η", "γράφουν οι", "γράφει", "ρεπορτάζ:",
           "κείμενο:", "συντάκτης:", "από τον", "από την", "επιμέλεια:"),
    "tr": ("haber:", "yazan", "yazar:", "muhabir:", "haberi yazan", "röportaj:", "metin:"),
    "ar": ("كتب", "كتبت", "كتبه", "بقلم", "إعداد", "تقرير:", "الكاتب:", "تحرير:"),
    "fa": ("نویسنده:", "به قلم", "گزارش:", "خبرنگار:", "نوشته"),
    "he": ("מאת", "כתב:", "כתבה:", "כתבו:"),
    "hi": ("लेखक:", "द्वारा", "रिपोर्ट:", "संवाददाता:"),
    "bn": ("লেখক:", "লিখেছেন", "প্রতিবেদক:"),
    "id": ("oleh", "penulis:", "ditulis oleh", "laporan:", "teks:", "pewarta:"),
    "vi": ("tác giả:", "bài:", "phóng viên:", "bài viết:", "thực hiện:", "tác giả"),
    "th": ("โดย", "ผู้เขียน", "เรื่อง:", "เรื่องโดย", "ผู้สื่อข่าว"),
    "ja": ("取材・文", "文・構成", "聞き手", "聞き手・", "文:", "執筆:", "著者:", "筆者:",
           "ライター:", "記者:", "記者・", "文・", "取材:"),
    "ko": ("글:", "글 ", "취재:", "취재 ", "기자:", "정리:"),
    "zh": ("本报记者", "本報記者", "特约记者", "见习记者", "实习记者", "通讯员", "通訊員",
           "特派记者", "记者", "記者 ", "作者:", "撰文:", "撰文 ", "文:", "文图:", "记者:",
           "采写:", "采访:", "撰稿:"),
}  # fmt: skip
"""Before the names of those who wrote. With ':' at its end, only before a colon (or '/', '|', '=');
of the others the colon may be missing. For example 'Von Jane Doe' (Süddeutsche Zeitung),
'Text: Jane Doe Foto: John Roe' (Dagens Nyheter), 'Írta: …' (Népszava), 'Του …' (Kathimerini),
'Oleh …' (Kompas), '本报记者 …' (Renmin Ribao), 'כתב:' (Haaretz), 'كتب …' (Al-Ahram)."""

BOUND: dict[str, str] = {
    "ca": "per", "cy": "gan", "ga": "le", "mt": "minn", "ms": "oleh", "ro": "de", "sq": "nga",
    "sw": "na", "tl": "ni",
}  # fmt: skip
"""Before a name too, but in texts of that language alone: elsewhere Per and Gan are names."""

AFTER: dict[str, tuple[str, ...]] = {
    "ko": ("선임기자", "전문기자", "수습기자", "인턴기자", "객원기자", "기자", "특파원", "논설위원",
           "통신원", "위원", "앵커", "에디터", "칼럼니스트"),
    "ja": ("編集委員", "論説委員", "特派員", "記者", "さん"),
    "zh": ("报道", "報道", "記者", "撰文"),
    "hu": ("írása", "riportja"),
    "fi": ("toimittaja",),
    "tr": ("haberi", "yazdı"),
    "hi": ("द्वारा", "की रिपोर्ट", "संवाददाता"),
}  # fmt: skip
"""Behind a name: '홍길동 기자' (Chosun Ilbo), '山田太郎記者' (Asahi)."""

PICTURES: dict[str, tuple[str, ...]] = {
    "en": ("photo by", "photos by", "photographs by", "photography by", "photo", "photos",
           "photographs", "photography", "pictures", "pictures by", "images", "image",
           "illustration", "illustrations", "illustration by", "graphics", "graphic", "video"),
    "de": ("foto", "fotos", "bild", "bilder", "fotografie", "illustration", "grafik", "aufnahmen"),
    "fr": ("photo", "photos", "crédit photo", "images", "dessin", "dessins"),
    "es": ("foto", "fotos", "fotografía", "fotografías", "imágenes", "vídeo"),
    "pt": ("fotografia", "imagem", "fotografias"),
    "it": ("foto di", "immagini", "fotografie di"),
    "nl": ("foto's", "fotografie", "beeld", "illustratie"),
    "sv": ("foto", "bild", "foton", "illustration"),
    "da": ("foto", "fotos", "billeder"),
    "fi": ("kuva", "kuvat", "valokuva", "valokuvat", "kuvaaja"),
    "pl": ("fot.", "fot", "zdjęcia", "zdjęcie", "foto"),
    "cs": ("foto", "fotografie", "snímky"),
    "hu": ("fotó", "fotók", "fénykép", "kép", "képek", "fotó:"),
    "ro": ("fotografii", "foto"),
    "sr": ("fotografije", "фото", "foto"),
    "bg": ("снимки", "снимка"),
    "ru": ("фото", "фотографии", "иллюстрация"),
    "uk": ("світлини", "світлина"),
    "el": ("φωτογραφίες", "φωτογραφία", "φωτό", "φωτ."),
    "tr": ("fotoğraf", "fotoğraflar", "foto"),
    "ar": ("تصوير", "صور", "صورة", "عدسة"),
    "fa": ("عکس", "عکاس"),
    "he": ("צילום", "צילומים", "צילם", "צילמה"),
    "hi": ("फोटो", "तस्वीर"),
    "id": ("foto", "fotografer", "gambar"),
    "vi": ("ảnh", "hình ảnh"),
    "th": ("ภาพ", "ช่างภาพ", "ภาพโดย"),
    "ja": ("写真", "撮影", "写真・図版"),
    "ko": ("사진", "사진기자", "영상", "그래픽"),
    "zh": ("摄影", "攝影", "摄", "图", "圖", "图片", "摄影报道", "供图"),
}  # fmt: skip
"""Before photographers, and others who made pictures: they wrote nothing."""

OTHERS: tuple[str, ...] = (
    "editor", "edited by", "translated by", "translation", "übersetzung",
    "aus dem englischen von", "traduit par", "traduction", "traducción", "traducido por",
    "tradução", "traduzione", "vertaling", "redaktion", "bearbeitung", "produktion", "kamera",
    "schnitt", "redaktör", "redigering", "översättning", "oversettelse", "oversættelse",
    "käännös", "tłumaczenie", "tłum.", "překlad", "preklad", "fordította", "szerkesztette",
    "szerkesztő", "traducere", "редактор", "перевод", "переклад", "превод", "μετάφραση", "çeviri",
    "editör", "ترجمة", "ترجمه", "מערכת", "תרגום", "penyunting", "penerjemah", "biên tập", "dịch",
    "แปล", "編集", "翻訳", "構成", "번역", "편집", "责任编辑", "責任編輯", "编辑", "編輯", "校对",
    "翻译", "责编",
)  # fmt: skip
"""Before others who had a part in it; only with a colon."""

SOURCES: tuple[str, ...] = (
    "source", "quelle", "fuente", "fonte", "kilde", "källa", "lähde", "źródło", "zdroj", "forrás",
    "sursa", "източник", "извор", "источник", "джерело", "πηγή", "kaynak", "المصدر", "منبع",
    "מקור", "sumber", "nguồn", "ที่มา", "出典", "출처", "来源", "來源",
)  # fmt: skip
"""Before where it was taken from; only with a colon."""

_COLON = r"\s*(?::|：|[|｜/／=＝](?=\s*\w))\s*"
_AND = r"\s*(?:und|och|og|and|et|y|e|i|a|és|en|ja|şi|și|ve|и|та|και|&|/|／|\+|·|・|,|•|-)\s*"


def _any(words: set[str], depth: int = 0) -> str:
    """Return a pattern for any of the words in either case, the longest that fits first.

    It is a tree by letters, each letter a set of its two forms: `re` passes over an alternative
    that begins with a set without trying it, which makes one of a thousand words cheap to find.
    """
    by_letter: dict[str, set[str]] = {}
    for word in words:
        if len(word) > depth:
            by_letter.setdefault(word[depth], set()).add(word)
    branches = [
        f"[{re.escape(letter)}{re.escape(letter.upper())}]{_any(inner, depth + 1)}"
        for letter, inner in sorted(by_letter.items())
    ]
    ends = "?" if any(len(word) == depth for word in words) else ""
    return f"(?-i:{'|'.join(branches)}){ends}" if branches else ""


def _spread(table: dict[str, tuple[str, ...]]) -> set[str]:
    return {word for words in table.values() for word in words}


_BEFORE = _spread(BEFORE)
_WRITERS = {word.rstrip(":・ ") for word in _BEFORE}
_OPEN = {word for word in _BEFORE if not word.endswith(":")}
_PICTURES = {word.rstrip(":") for word in _spread(PICTURES)}
_OPEN_PICTURES = {word for word in _PICTURES if word.endswith((" by", " di"))} | {
    "fot.", "사진", "摄影", "攝影", "撮影", "写真",
}  # fmt: skip
# '文・佐藤花子 写真・鈴木一郎': the dot stands before a name, which is all up to a space.
_DOT = r"・(?=[\u3040-\u30ff\u3400-\u9fff]{2,10}(?:[\s\u3000、,]|$))"
_OPEN_OTHERS = {"edited by", "editing by", "translated by"}
# In scripts without spaces a name follows its label at once.
_WIDE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_END = rf"(?:(?<=[{_WIDE}・ .])|(?=\s))\s*"


@cache
def _start() -> re.Pattern[str]:
    """Return what a byline begins with. Compiled when it is first needed, as `_part`: that takes a
    quarter of a second, which those who read no byline need not wait."""
    return re.compile(
        rf"^\W*(?:[\u3400-\u9fff]{{2,8}}?(?:记者|通讯员)\s*"
        rf"|(?:{_any(_WRITERS)}){_COLON}|(?:{_any(_OPEN)}){_END}(?=\S))",
        re.IGNORECASE,
    )


_TOGETHER = (
    rf"(?:{_any(_WRITERS)})(?:{_AND}(?:{_any(_PICTURES)}))+"
    rf"|(?:{_any(_PICTURES)})(?:{_AND}(?:{_any(_WRITERS)}))+"
)
_LABELS = _WRITERS | _PICTURES | _OPEN_OTHERS | {*SOURCES, *OTHERS}


@cache
def _part() -> re.Pattern[str]:
    """Return the labels inside a byline: who wrote, the source, and who did not write."""
    return re.compile(
        rf"(?:^|(?<=[\s,;/|·•(–—。、]))(?={_any(_LABELS)})"
        r"(?:"
        rf"(?P<wrote>(?:{_TOGETHER}|{_any(_WRITERS)}){_COLON}|(?:{_TOGETHER})\s+"
        rf"|(?:{_any(_WRITERS)}){_DOT})"
        rf"|(?P<source>(?:{_any(set(SOURCES))}){_COLON})"
        rf"|(?P<not>(?:{_any(_PICTURES | set(OTHERS))}){_COLON}"
        rf"|(?:{_any(_OPEN_PICTURES | _OPEN_OTHERS)})\s+"
        rf"|(?:{_any(_PICTURES)}){_DOT}))",
        re.IGNORECASE,
    )


_AFTER = re.compile(
    rf"(?:(?<=[\w)])\s+|(?<=[{_WIDE}\uac00-\ud7af]))(?:{_any(_spread(AFTER))})(?:\s*=.*|\s+\S+@\S+)?$"
)
_MOMENT_FIRST = re.compile(
    rf"^\W*[^:]{{0,40}}\d.{{0,60}}?[\s,|·•–—-](?:by|von|par|por|av|af|door){_END}(?=\D)", re.I
)
_SHORT_LINE = 30
_EDGES = " \t|/·•,;-–—\u3000"
_OPENING, _CLOSING = ("(", "（", "[", "【"), (")", "）", "]", "】")
_HAN_NAMES = re.compile(r"(?:[\u3400-\u9fff]{2,4}[ \u3000]+)+[\u3400-\u9fff]{2,4}")
_CHINESE = re.compile("记者|作者|撰文|采写|通讯员|文图|撰稿|本报")


def is_labelled(line: str) -> bool:
    """Tell a line that starts, or a short one that ends, as a byline does."""
    return bool(
        _start().match(line)
        or _part().match(line)
        or (len(line) <= _SHORT_LINE and _AFTER.search(line.strip()))
    )


def without_labels(names: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Return names of an article in a language without the label that is one there alone."""
    if (label := BOUND.get(language)) is None:
        return names
    parts = [(name, *name.partition(" ")[::2]) for name in names]
    return tuple(
        [rest if first.lower() == label and " " in rest else name for name, first, rest in parts]
    )


def author_part(byline: str) -> str:
    """Return the part of a byline that names who wrote, several separated by ';'."""
    byline = _MOMENT_FIRST.sub("", byline)
    parts: list[str] = []
    written, start = True, 0
    for label in _part().finditer(byline):
        if written:
            parts.append(byline[start : label.start()])
        written, start = label["wrote"] is not None, label.end()
    if written:
        parts.append(byline[start:])
    is_chinese = _CHINESE.search(byline) is not None
    named = (_unlabelled(part, is_chinese) for part in parts)
    return "; ".join(part for part in named if part)


def labelled_parts(line: str) -> tuple[str, str]:
    """Return who wrote, several separated by ';', and the source, as labels in a line say so:
    '2024-05-07 09:40 来源：港口日报 记者：李明'. "" for what no label says."""
    labels = list(_part().finditer(line))
    wrote, source = [], ""
    is_chinese = _CHINESE.search(line) is not None
    for place, label in enumerate(labels):
        end = labels[place + 1].start() if place + 1 < len(labels) else len(line)
        part = _unlabelled(line[label.end() : end], is_chinese)
        if label["wrote"] is not None and part:
            wrote.append(part)
        elif label["source"] is not None:
            source = source or part
    return "; ".join(wrote), source


def _unlabelled(part: str, is_chinese: bool) -> str:
    """Return a part without its labels; Chinese names between spaces are several."""
    part = part.strip(_EDGES)
    if part[:1] in _OPENING and part[-1:] in _CLOSING:
        part = part[1:-1].strip(_EDGES)
    for _ in range(3):  # 'Text: Von Jane Doe'
        shorter = _start().sub("", part, count=1).strip()
        if shorter == part or not shorter:
            break
        part = shorter
    part = _AFTER.sub("", part).strip()
    if is_chinese and _HAN_NAMES.fullmatch(part):
        return "; ".join(part.split())
    return part
