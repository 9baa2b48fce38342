"""Dates in words: ``yesterday``, ``last week``, ``vor 3 Tagen``, ``30 de enero de 2017``.

One small vocabulary for nine languages says what each word stands for, whatever its place: a unit,
a direction, a number, a month, a weekday. What was found decides, so that word order, articles and
prepositions do not matter: *last* + *week* is the week before this one in ``last week``, ``letzte
Woche`` and ``la semana pasada`` alike.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from corpus.dates.months import month_named
from search.dates.calendar import Clock, Interval, month_start, months

_VOCABULARY = {
    # English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Polish
    "unit:hour": "hour hours h stunde stunden heure heures hora horas ora ore uur uren час часа"
    " часов godzina godziny godzin",
    "unit:day": "day days tag tage tagen tages jour jours dia dias giorno giorni dag dagen день дня"
    " дней dzien dni",
    "unit:week": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken"
    " неделя недели недель неделю неделе tydzien tygodnie tygodni tygodniu",
    "unit:month": "month months monat monate monaten monats mois mes meses mese mesi maand maanden"
    " месяц месяца месяцев месяце miesiac miesiace miesiecy miesiacu",
    "unit:quarter": "quarter quarters quartal quartale trimestre trimestres trimestri kwartaal"
    " квартал kwartal",
    "unit:year": "year years jahr jahre jahren jahres an ans annee annees ano anos anno anni jaar"
    " год года лет году rok lata lat roku",
    "unit:decade": "decade decades jahrzehnt jahrzehnte decennie decada decennio decennium"
    " десятилетие dekada",
    "last": "last past previous letzte letzter letzten letztes letztem vergangene vergangener"
    " vergangenen vergangenes vorige voriger vorigen voriges dernier derniere derniers dernieres"
    " passe passee pasado pasada pasados pasadas ultimo ultima ultimos ultimas scorso scorsa scorsi"
    " scorse passado passada passados passadas vorig afgelopen laatste прошлый прошлая прошлое"
    " прошлой прошлом прошлую последний последняя последние последних ostatni ostatnia ostatnie"
    " ostatnich zeszly zeszlym",
    "next": "next nachste nachster nachsten nachstes kommende kommenden prochain prochaine proximo"
    " proxima prossimo prossima volgende следующий следующая следующей nastepny nastepna",
    "century": "century jahrhundert jh siecle siglo secolo seculo eeuw век века wiek wieku",
    "this": "this current diese dieser diesen dieses dies ce cet cette este esta questo questa deze"
    " dit этот эта это этой этом эту tym",
    "ago": "ago vor hace fa ha atras geleden назад temu",
    "today": "today heute hoy aujourdhui oggi hoje vandaag сегодня dzisiaj dzis",
    "yesterday": "yesterday gestern ayer hier ieri ontem gisteren вчера wczoraj",
    "before-yesterday": "vorgestern anteayer avanthier altroieri anteontem eergisteren позавчера"
    " przedwczoraj",
    "tomorrow": "tomorrow morgen demain manana domani amanha завтра jutro",
    "now": "now jetzt maintenant ahora adesso agora nu сейчас teraz",
    "one": "a one ein eine einem einer un une uno una um uma een один одну jeden",
    "number:2": "two zwei deux dos due dois duas twee два две dwa dwie",
    "number:3": "three drei trois tres tre drie три trzy",
    "number:4": "four vier quatre cuatro quattro quatro четыре cztery",
    "number:5": "five funf cinq cinco cinque vijf пять piec",
    "number:6": "six sechs seis sei zes шесть szesc",
    "number:7": "seven sieben sept siete sette sete zeven семь siedem",
    "number:8": "eight acht huit ocho otto oito восемь osiem",
    "number:9": "nine neun neuf nueve nove negen девять dziewiec",
    "number:10": "ten zehn dix diez dieci tien десять dziesiec",
    "number:12": "twelve zwolf douze doce dodici doze twaalf двенадцать dwanascie",
    "weekday:0": "monday mon montag lundi lunes lunedi maandag понедельник poniedzialek",
    "weekday:1": "tuesday tue dienstag mardi martes martedi dinsdag вторник wtorek",
    "weekday:2": "wednesday wed mittwoch mercredi miercoles mercoledi woensdag среда среду sroda",
    "weekday:3": "thursday thu donnerstag jeudi jueves giovedi donderdag четверг czwartek",
    "weekday:4": "friday fri freitag vendredi viernes venerdi vrijdag пятница пятницу piatek",
    "weekday:5": "saturday sat samstag sonnabend samedi sabado sabato zaterdag суббота субботу"
    " sobota",
    "weekday:6": "sunday sun sonntag dimanche domingo domenica zondag воскресенье niedziela",
    "filler": "the of on in de del della du des le la les el los las lo il der die das den dem am"
    " im l o os as do da no na nei negli op van в на w z st nd rd th"
    " er ere eme",
}
"""What words stand for, folded (lower case, no accents); a word stands in one place only. Names of
months, in these and other languages, are those of `corpus.dates.months`."""

_JOINED = (
    (re.compile(r"\bday before yesterday\b"), "anteayer"),
    (re.compile(r"\bantes de ayer\b"), "anteayer"),
    (re.compile(r"\bavant[- ]hier\b"), "avanthier"),
    (re.compile(r"\bl['’ ]?altro ieri\b"), "altroieri"),
    (re.compile(r"\baujourd['’]?hui\b"), "aujourdhui"),
    (re.compile(r"\bil y a\b"), "ago"),
)
_TOKEN = re.compile(r"(\d{1,4})(?=st\b|nd\b|rd\b|th\b|\W|$|[a-z])|([^\W\d_]+)")
_LOOSE = re.compile(r"[\w\s.,'’/-]+")
_DAYS_BACK = {"today": 0, "yesterday": 1, "before-yesterday": 2, "tomorrow": -1}
_UNITS_BACK = {"last": 1, "this": 0, "next": -1}
MAX_COUNT = 10_000
"""The greatest number of units that can be gone back."""


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("ł", "l")


@lru_cache(maxsize=1)
def _folded() -> dict[str, str]:
    return {_fold(word): kind for kind, words in _VOCABULARY.items() for word in words.split()}


def _kinds(text: str) -> dict[str, list[str]] | None:
    """Return what the words stand for, None when one of them is unknown."""
    text = _fold(text)
    for pattern, word in _JOINED:
        text = pattern.sub(word, text)
    if not _LOOSE.fullmatch(text):
        return None
    kinds: dict[str, list[str]] = {}
    rest = 0
    for found in _TOKEN.finditer(text):
        if any(char.isalnum() for char in text[rest : found.start()]):
            return None
        rest = found.end()
        if found[1]:
            kind, detail = ("year" if len(found[1]) == 4 else "digits"), found[1]
        elif said := _folded().get(found[2]):
            kind, _, detail = said.partition(":")
        elif 0 < (month := month_named(found[2])) <= 12:
            kind, detail = "month", str(month)
        else:
            return None
        if kind != "filler":
            kinds.setdefault(kind, []).append(detail)
    return kinds if not any(char.isalnum() for char in text[rest:]) else None


def _unit(at: Clock, unit: str, back: int, count: int = 1) -> Interval:
    """Return `count` whole units that begin `back` units before the present one."""
    today = at.today
    match unit:
        case "hour":
            hour = at.now.replace(minute=0, second=0, microsecond=0)
            start = int(hour.timestamp()) - 3600 * back
            return start, start + 3600 * count
        case "day":
            first = today - timedelta(back)
            return at.days(first, first + timedelta(count - 1))
        case "week":
            monday = today - timedelta(today.weekday() + 7 * back)
            return at.days(monday, monday + timedelta(7 * count - 1))
        case "month":
            return months(at, today.year, today.month - back, count)
        case "quarter":
            return months(at, today.year, (today.month - 1) // 3 * 3 + 1 - 3 * back, 3 * count)
        case "year":
            return months(at, today.year - back, 1, 12 * count)
        case _:
            return months(at, today.year // 10 * 10 - 10 * back, 1, 120 * count)


def _latest(at: Clock, unit: str, count: int) -> Interval:
    """Return the last `count` units up to now: today is the last day of them."""
    today = at.today
    if unit == "hour":
        end = int(at.now.timestamp())
        return end - 3600 * count, end
    if days := {"day": 1, "week": 7}.get(unit):
        return at.days(today - timedelta(days * count - 1), today)
    span = count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    first = month_start(today.year, today.month - span)
    length = (month_start(first.year, first.month + 1) - first).days
    return at.days(first.replace(day=min(today.day, length)) + timedelta(1), today)


def _named(at: Clock, kinds: dict[str, list[str]]) -> Interval | None:
    """Read a month with or without a day and a year; without a year, the latest one."""
    month = int(kinds["month"][0])
    year = int(kinds["year"][0]) if "year" in kinds else None
    if "digits" in kinds:
        day = int(kinds["digits"][0])
        when = date(year or at.today.year, month, day)
        if year is None and when > at.today:
            when = date(at.today.year - 1, month, day)
        return at.days(when, when)
    if year is None:
        year = at.today.year - (month > at.today.month)
    return months(at, year, month)


def _relative(at: Clock, kinds: dict[str, list[str]]) -> Interval | None:
    """Read a unit with a direction and perhaps a number."""
    unit = kinds["unit"][0]
    number = kinds.get("digits") or kinds.get("number") or kinds.get("year")
    count = int(number[0]) if number else 1
    if not 0 < count <= MAX_COUNT:
        return None
    if "ago" in kinds:
        return _unit(at, unit, count) if number or "one" in kinds else None
    if "last" in kinds and number:
        return _latest(at, unit, count)
    back = next((back for word, back in _UNITS_BACK.items() if word in kinds), None)
    return None if number or back is None else _unit(at, unit, back)


def read_words(text: str, at: Clock) -> Interval | None:
    """Return the interval that words name, None when they name none.

    Raises ValueError or OverflowError for a day that does not exist.
    """
    kinds = _kinds(text)
    if not kinds or any(len(details) > 1 for details in kinds.values()):
        return None
    match sorted(kinds):
        case [word] if word in _DAYS_BACK:
            return _unit(at, "day", _DAYS_BACK[word])
        case ["century", "digits"]:
            century = int(kinds["digits"][0])
            return months(at, 100 * century - 99, 1, 1200) if 11 <= century <= 99 else None
        case ["now"]:
            second = int(at.now.timestamp())
            return second, second + 1
        case ["weekday"] | ["last", "weekday"] | ["this", "weekday"]:
            # The latest day of this name, today included unless it says *last*.
            back = (at.today.weekday() - int(kinds["weekday"][0])) % 7
            return _unit(at, "day", back or 7 * ("last" in kinds))
        case ["month"] | ["month", "year"] | ["last", "month"] | ["month", "this"]:
            return _named(at, kinds)
        case ["digits", "month", *rest] if rest in ([], ["year"], ["weekday"], ["weekday", "year"]):
            return _named(at, kinds)
        case ["year"]:
            return months(at, int(kinds["year"][0]), 1, 12)
        case _ if "unit" in kinds and not kinds.keys() - {
            "unit", "last", "this", "next", "ago", "one", "number", "digits", "year",
        }:  # fmt: skip
            return _relative(at, kinds)
        case _:
            return None
