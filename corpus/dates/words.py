"""The words of a line that states dates, as signs: months, halves of a day, 'published', 'at'.

A line comes out with ASCII digits, Gregorian years, and one sign for each word that says something
about a date, whatever its language; all other words stay. `corpus.dates.lines` then needs a dozen
patterns for the dates of all languages.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from corpus.dates.calendars import gregorian_years
from corpus.dates.months import folded, month_named

_FIRST_MONTH = 0xE000
MONTH_SIGNS = f"{chr(_FIRST_MONTH + 1)}-{chr(_FIRST_MONTH + 24)}"
"""The signs of months, as a class of a pattern takes them."""

AM, PM, JOIN, PUBLISHED, UPDATED = "\ue030", "\ue031", "\ue032", "\ue033", "\ue034"
"""The halves of a day; a word that joins ('at', 'de'); what says which date a line has."""

JOINS = rf"(?:[\s.,]*{JOIN})*"
"""Pattern of words that join, with what stands before each."""

_WORDS = {
    AM: "上午 午前 凌晨 早上 오전 صباحا ص पूर्वाह्न सुबह সকাল sáng öö πμ",
    PM: "下午 午後 晚上 오후 مساء م अपराह्न शाम বিকাল chiều tối ös μμ",
    JOIN: "at on the of um am vom thứ chủ à a as las los alle ore às om kl klo o в во у за gada"
    " den le el il lo la de del da do d dne dnia dia día ngày năm lúc vào dalla e ob u vid ora"
    " orele saat pukul jam τις στις ώρα ώρες kell plkst godz ve την στην tanggal tgl hari ημέρα"
    " في الساعة ساعت klukkan ved ur เวลา วันที่ เมื่อ ที่ বেলা को बजे में año año: l og y oras"
    " noong ika ໂມງ ທີ m n i ir и та від",
    PUBLISHED: "published posted created publication veröffentlicht erschienen erstellt publié"
    " publiée publie parution publicado publicada publicación pubblicato pubblicata publicat"
    " gepubliceerd geplaatst publicerad publicerat publiceret publisert julkaistu birtt"
    " avaldatud publicēts paskelbta opublikowano opublikowane dodano data vydáno publikováno"
    " publikované megjelent közzétéve publicată objavljeno objavio дата опубликовано опубликован"
    " опубліковано публикувано објављено δημοσιεύθηκε δημοσίευση yayınlanma yayınlandı yayın"
    " eklenme giriş oluşturulma tarihi dipublikasikan diterbitkan terbit đăng xuất نشر"
    " النشر تاریخ انتشار منتشر פורסם תאריך प्रकाशित প্রকাশ প্রকাশিত เผยแพร่ 公開 公開日 掲載 投稿"
    " 投稿日 发布 发布时间 發布 发表 入力 입력 등록 게시 基本 date datum fecha",
    UPDATED: "updated update upd modified revised edited aktualisiert aktualisierung geändert"
    " stand actualisé actualizado actualizada actualización modificado modifié modifiée"
    " aggiornato aggiornata modificato atualizado atualizada atualização modificada gewijzigd"
    " bijgewerkt geüpdatet laatst uppdaterad uppdaterat opdateret oppdatert päivitetty muokattu"
    " uppfært uuendatud atjaunināts atnaujinta aktualizacja zaktualizowano aktualizováno"
    " aktualizované frissítve frissült módosítva actualizată actualizat ažurirano posodobljeno"
    " обновлено обновлён изменено оновлено обновена ажурирано ενημερώθηκε ενημέρωση güncelleme"
    " güncellendi güncellenme diperbarui diubah dikemaskini cập تحديث آخر بروزرسانی به‌روزرسانی"
    " עודכן עדכון अपडेट अद्यतन আপডেট হালনাগাদ อัปเดต อัพเดท แก้ไข 更新 更新日 最終更新 更新时间 更新時間"
    " 修正 수정 최종수정",
}

_MARKS = "".join(
    chr(code)
    for code in (*range(0x300, 0x1200), *range(0x1700, 0x18B0), *range(0xA8E0, 0xABF0))
    if unicodedata.category(chr(code)).startswith("M")
)
_LETTERS = rf"(?:[^\W\d_]|[{_MARKS}])+"

_WORD = re.compile(_LETTERS)
_EAST_ASIAN = re.compile("|".join(
    sorted(
        (word for words in _WORDS.values() for word in words.split() if word > "぀"),
        key=len, reverse=True,
    )
))  # fmt: skip
_INVISIBLE = dict.fromkeys(
    (0x200B, 0x200C, 0x200E, 0x200F, 0xFEFF, 0xAD, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_GLUED = re.compile(
    r"(?<=(?<![\d:])(?:19|20)\d\d)(?=\d{1,2}:\d\d)|(?<=[^\W\d] \d\d)(?=(?:19|20)\d\d(?!\d))"
    r"|(?<=[a-zà-ÿ])(?=[A-Z])|(?<=\d{4})(?=[A-Z][a-z])"
)
"""Where a line was put together from parts without what stands between them on the page."""

_HALF = re.compile(r"(?<=\d)\s?([ap])\.?\s?m\b\.?(?!\w)", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![฀-໿])([฀-໿]{1,3}\.[฀-໿])\.?")
_PAIR = re.compile(r"(?:كانون|تشرين|کانون|تشرین)\s+[^\W\d_]+")
_VIETNAMESE_MONTHS = (
    "một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai",
)  # fmt: skip
_VIETNAMESE = re.compile(
    rf"\btháng\s+(?:(\d{{1,2}})(?!\d)|({'|'.join(reversed(_VIETNAMESE_MONTHS))})\b)",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?<=\d)([\s.]{1,3})(X{0,1}(?:IX|IV|V?I{0,3}))(?=[\s.]{1,3}(?:19|20)\d\d)")
_ROMANS = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12,
}  # fmt: skip
_PHRASES = (
    (re.compile(r"\b(?:mis|mise) à jour\b", re.IGNORECASE), UPDATED),
    (re.compile(r"\bpost(?:ing)?(?= (?:time|date)\b)", re.IGNORECASE), PUBLISHED),
    (re.compile(r"\bμ\.\s?μ\.|\bμμ\b"), PM),
    (re.compile(r"\bπ\.\s?μ\.|\bπμ\b"), AM),
    (re.compile(r"(?<=\d)\s?(?:CH\b|ب\.?\s?ظ)"), PM),
    (re.compile(r"(?<=\d)\s?(?:SA\b|ق\.?\s?ظ)"), AM),
    (re.compile(r"(?<=\d)\s?น\."), " "),
    (re.compile(r"ค\s?\.\s?ศ\s?\."), " "),
)


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    return {folded(word): sign for sign, words in _WORDS.items() for word in words.split()}


def month_of(sign: str) -> int:
    """Return the month that a sign stands for; 13 to 24 are those of the Solar Hijri calendar."""
    return ord(sign) - _FIRST_MONTH


@lru_cache(maxsize=256)
def signed(text: str, language: str) -> str:
    """Return a line with its digits in ASCII and signs in place of words of dates.

    `language` (ISO 639-1, or '') is that of the line.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
        text = "".join(
            [str(unicodedata.decimal(c)) if c > "9" and c.isdecimal() else c for c in text]
        )
        text = gregorian_years(text)
        text = _EAST_ASIAN.sub(lambda found: _signs()[folded(found[0])], text)
        text = _DOTTED.sub(lambda found: _month(found[1], language) or found[0], text)
        text = _PAIR.sub(lambda found: _month(" ".join(found[0].split()), language), text)
        text = _VIETNAMESE.sub(_vietnamese_month, text)
    elif language == "ja":
        text = gregorian_years(text)
    text = _GLUED.sub(" ", text)
    text = _HALF.sub(lambda found: AM if found[1] in "aA" else PM, text)
    for phrase, sign in _PHRASES:
        text = phrase.sub(sign, text)
    text = _ROMAN.sub(
        lambda found: found[1] + (_sign_of_month(_ROMANS.get(found[2], 0)) or found[2]), text
    )
    return _WORD.sub(lambda found: _sign(found[0], language), text)


def _vietnamese_month(found: re.Match[str]) -> str:
    number = int(found[1] or 0) or _VIETNAMESE_MONTHS.index(found[2].lower()) + 1
    return _sign_of_month(number) or found[0]


def _sign_of_month(month: int) -> str:
    return chr(_FIRST_MONTH + month) if 1 <= month <= 24 else ""


def _month(word: str, language: str) -> str:
    return _sign_of_month(month_named(word, language))


@lru_cache(maxsize=65536)
def _sign(word: str, language: str) -> str:
    """Return the sign of a word, or the word."""
    if month := _month(word, language):
        return month
    if word[0] in "בל" and (month := _month(word[1:], "he")):
        return month
    return _signs().get(folded(word), word)
