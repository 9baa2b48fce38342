"""The parser of the query language: tokens to nodes, in one pass with a stack of its own.

Each open parenthesis is a `Frame`; nothing recurses, so depth costs a list entry and is bounded by
`MAX_DEPTH`. An operand that cannot be used takes its marks and operators with it, so that
``-date:nonsense war`` does not exclude *war*.
"""

from __future__ import annotations

import re

from corpus.core.fields import ADDED, DATE, TEXTS
from indexer.analysis.stop_words import stop_words
from search.answer import Note
from search.dates.calendar import Clock
from search.dates.parsing import REVERSED, day_first, label, read_dates, reversed_dates
from search.query.building import NOTHING, Frame, boosted
from search.query.foreign import CASE, DATE_FIELDS, NAMES, NEARNESS, field_like, sign_like
from search.query.limits import MAX_DEPTH, MAX_LENGTH, MAX_NOTES, MAX_SLOP, OPERATORS
from search.query.nodes import DateRange, Node, Nothing, date_ranges
from search.query.notes import NOTES
from search.query.operands import Operands
from search.query.scanner import QUOTES, Kind, SyntaxToken, clean, next_token, value_token

_SYNTAX = re.compile(r"[()*~^\\|]|&&|\w:\S|(?:^|\s)[-+!]\S")
_UNIT = re.compile(rf"[{QUOTES}][^{QUOTES}]*[{QUOTES}]|\S+")
_UNITS = {"s": 25, "sent": 25, "p": 75, "para": 75}
"""Words that LexisNexis takes for a sentence and a paragraph."""
_NEAR_WITHOUT_NUMBER = 10
_FEW_WORDS = 5
"""In a query of at most so many words, "or" and "not" in small letters may be meant otherwise."""
_LONG_NUMBER = 3
_NEARNESS = re.compile(r"([a-z]+)?(?:/|\s?\((?:n=)?)?(?:(\d+)|(s|p|sent|para))?\)?")
_LOOSE_DATE = re.compile(r"[^\W\d_]|\A\d{1,2}\.?\Z")
_NEXT_WORD = re.compile(r"(?:,\s*|\s+)([^\s(),;|\"\[\]{}]+)")
_YEAR = re.compile(r"\d{4}", re.ASCII)
_UP_TO = {"to", "TO", "until", "till", "through", "-", "–", "bis"}
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DAY = re.compile(r"\s+\d{1,2}(?:st|nd|rd|th|\.)?(?!\w)(?:(?:,\s*|\s+)\d{4}(?!\w))?", re.ASCII)
_COMMON_BEHIND = re.compile(r"\s+([A-Za-z']{2,}|A)(?=\s+\w)")
_SINGLE_QUOTES = re.compile(r"(?<!\S)['‘](?=\w)[^'‘’\"]{2,}\w['’](?!\w)")
_WIDE_COLON = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,12})：")
_ENDING = re.compile(r"(?<=[^\W\d_]{3})\((?:s|es|e|n|en|er)\)(?!\w)")  # strike(s)
_OPEN_END = re.compile(r"(\w{1,64})(?: \w{1,64})?(\?)\s*")
"""One word or two with a ? behind them, which may be meant to stand for a letter."""
_MARK = re.compile(r"[-!+]\w")
_UNOPENED = "A closing parenthesis without its beginning."
MAX_DATE_WORDS = 9
"""Words that one date may have without quotation marks: from June 1, 2021 to June 5, 2021."""


def _in_capitals(text: str) -> bool:
    """Whether a text is a headline in capitals, in which AND, OR and NOT are words.

    It has no other syntax, and its words are not merely joined by operators.
    """
    if text.upper() != text or OPERATORS.isdisjoint(text.split()) or _SYNTAX.search(text):
        return False
    units = _UNIT.findall(text)
    operators = sum([unit in OPERATORS for unit in units])
    return len(units) - operators > operators + 1


def _narrow(found: re.Match[str]) -> str:
    """Return the name of a field with the colon of other keyboards as one with our colon."""
    return f"{found[1]}:" if found[1].lower() in NAMES else found[0]


class _OperatorParser:
    """The state of one reading; `run` goes through the text once."""

    def __init__(self, text: str, at: Clock) -> None:
        self.original = text
        self.text = _WIDE_COLON.sub(_narrow, clean(text))
        self.last = len(self.text.rstrip())
        self.few_words = self.text.count(" ") < _FEW_WORDS
        self.clock = at
        self.notes: list[Note] = []
        self.operands = Operands(self.note)
        self.stack = [Frame("", 0)]
        self.too_deep = 0
        self.literal = _in_capitals(self.text)
        self.at = 0

    def note(self, code: str, span: tuple[int, int], message: str = "", **values: object) -> None:
        """Add a note on a span of the text: a message, or that of `notes.NOTES` with its values."""
        if len(self.notes) < MAX_NOTES:
            start, end = span
            message = message or NOTES[code].format(**values)
            self.notes.append(Note(code, message, self.original[start:end], start, end))

    def run(self) -> Node:
        """Read the whole text."""
        if len(self.original) > MAX_LENGTH:
            self.note("query-too-long", (MAX_LENGTH, len(self.original)))
        if quoted := _SINGLE_QUOTES.search(self.text):
            self.note("single-quotes", quoted.span())
        if (asks := _OPEN_END.fullmatch(self.text)) and asks[1].lower() not in stop_words("en"):
            self.note("sign-dropped", asks.span(2), signs="?")
        for ending in _ENDING.finditer(self.text):
            self.note("sign-dropped", ending.span(), signs=ending[0])
        self.text = _ENDING.sub(lambda ending: " " * len(ending[0]), self.text)
        while (token := next_token(self.text, self.at)) is not None:
            self.at = token.end
            self._take(token)
            if self.operands.full:
                self.note("too-many-terms", (token.start, len(self.original)))
                break
        while len(self.stack) > 1:
            frame = self.stack[-1]
            if not self.operands.full:
                self.note("unbalanced-parenthesis", (frame.start, frame.start + 1))
            self._close("")
        self._dangling(self.stack[0], len(self.text))
        node = self.stack[0].close()
        if node is None:
            self.note("nothing-to-search", (0, len(self.original)))
            return Nothing()
        self._note_disjoint(node)
        return node

    def _note_disjoint(self, node: Node) -> None:
        """Say where dates that must all hold have no instant in common: ``since:`` behind
        ``until:``."""
        dates = date_ranges(node)
        dates = [one for one in dates if one.fieldname == dates[0].fieldname]
        starts = [one.start for one in dates if one.start is not None]
        ends = [one.end for one in dates if one.end is not None]
        if len(dates) > 1 and starts and ends and max(starts) >= min(ends):
            self.note("disjoint-dates", (0, len(self.original)))

    def _take(self, token: SyntaxToken) -> None:
        frame = self.stack[-1]
        match token.kind:
            case Kind.RUN | Kind.QUOTED:
                if token.kind is Kind.RUN:
                    self._note_foreign(frame, token)
                self._operand(frame, token, frame.field)
            case Kind.NAME:
                self._named(frame, token)
            case Kind.AND | Kind.OR | Kind.NOT | Kind.NEAR if (
                self.literal and token.text in OPERATORS
            ):
                self.note("all-capitals", token.span)
                self._operand(frame, token._replace(kind=Kind.RUN), frame.field)
            case Kind.AND | Kind.OR:
                self._join(frame, token)
            case Kind.NEAR:
                self._near(frame, token)
            case Kind.NOT if (
                frame.ands and not frame.joined and (common := self._common_behind(token))
            ):
                self.note("not-common", token.span, word=common)
                self._operand(frame, token._replace(kind=Kind.RUN), frame.field)
            case Kind.NOT:
                frame.negated = not frame.negated
            case Kind.PLUS:
                frame.must = True
            case Kind.OPEN:
                self._open(token, frame.field)
            case Kind.CLOSE if self.too_deep:
                self.too_deep -= 1
            case Kind.CLOSE if len(self.stack) > 1:
                self._dangling(frame, token.start)
                self._close(token.boost or "")
            case Kind.CLOSE:
                self.note("unbalanced-parenthesis", token.head, _UNOPENED)
            case _:  # a range stands behind a field only
                frame.forget()

    def _common_behind(self, token: SyntaxToken) -> str:
        """Return the word behind NOT where further words follow and it is one of nearly every
        article, which nobody leaves out: "What NOT To Say"; else ""."""
        found = token.text == "NOT" and _COMMON_BEHIND.match(self.text, token.end)
        word = found[1] if found else ""
        shouted = word.isupper() and word != "A"
        return word if not shouted and word.lower() in stop_words("en") else ""

    def _join(self, frame: Frame, token: SyntaxToken) -> None:
        if frame.joined or frame.negated or not frame.ands:
            self.note("dangling-operator", token.span)
        else:
            frame.joined = token.kind

    def _note_foreign(self, frame: Frame, token: SyntaxToken) -> None:
        """Say what another system, or a reader in haste, would have meant by a word."""
        between = bool(frame.ands) and token.end < self.last
        if found := sign_like(token.text, self.text, token.end, between=between):
            code, message = found
            self.note(code, token.span, message)
        elif frame.must and between and token.text.isdecimal() and len(token.text) < _LONG_NUMBER:
            self.note("foreign-near", token.span, NEARNESS.format(number=token.text))
        elif token.start and self.text[: token.start][-2:] in (" –", " —"):
            if self.text.count("–") + self.text.count("—") == 1:
                self.note("dash-sign", (token.start - 1, token.end))
        elif token.text in ("or", "not") and between and self.few_words:
            self.note("small-operator", token.span, capitals=token.text.upper())

    def _near(self, frame: Frame, token: SyntaxToken) -> None:
        """Read an operator of nearness; what has no operand on both sides is a word."""
        following = next_token(self.text, token.end)
        operands = (Kind.RUN, Kind.QUOTED, Kind.OPEN, Kind.NAME)
        if (
            frame.joined is Kind.OR or not frame.ands or following is None
            or following.kind not in operands
        ):  # fmt: skip
            if not token.text.isalpha():
                self.note("near-dangling", token.span, text=token.text)
            self._operand(frame, token._replace(kind=Kind.RUN), frame.field)
            return
        name, number, unit = _NEARNESS.fullmatch(token.text.lower()).groups()  # type: ignore[union-attr]  # as scanned
        if unit:
            slop = _UNITS[unit]
            self.note("near-unit", token.span, text=token.text, slop=slop)
        elif number:
            slop = int(number)
        else:
            slop = 0 if name == "adj" else _NEAR_WITHOUT_NUMBER
            if slop:
                self.note("near-number", token.span, text=token.text, slop=slop)
        if slop and name in ("adj", "pre", "p", "onear"):
            self.note("near-order", token.span, text=token.text, slop=slop)
        if slop > MAX_SLOP:
            self.note("slop-clamped", token.span)
        frame.joined = Kind.NEAR
        frame.near = (min(slop, MAX_SLOP), token.start, token.end)

    def _dangling(self, frame: Frame, end: int) -> None:
        if frame.joined or frame.negated:
            self.note("dangling-operator", (end, end))
        frame.forget()

    def _open(self, token: SyntaxToken, field: str) -> None:
        if len(self.stack) > MAX_DEPTH:
            if not self.too_deep:
                self.note("too-deep", token.span)
            self.too_deep += 1
        else:
            self.stack.append(Frame(field, token.start))

    def _close(self, boost: str) -> None:
        node = self.stack.pop().close()
        frame = self.stack[-1]
        if node is None:
            frame.forget()
            return
        self._add(frame, boosted(node, float(boost)) if self.operands.is_factor(boost) else node)

    def _add(self, frame: Frame, node: Node) -> None:
        if not frame.add(node):
            self.note("not-near", frame.near[1:])

    def _operand(self, frame: Frame, token: SyntaxToken, field: str) -> None:
        if token.kind is Kind.QUOTED and not token.closed and token.text.strip():
            self.note("unbalanced-quote", token.head)
        node: Node | None
        if field in DATE_FIELDS:
            node = self._date(token, field)
            if isinstance(node, Nothing):  # what cannot be read excludes nothing less than all
                frame.negated = False
        else:
            node = self.operands.read(token, field)
        if node is None:
            signs = ("!", "-") if self.few_words else ("!",)
            if token.text in signs and token.end < self.last:
                self.note("lone-sign", token.span, sign=token.text)
            frame.forget()
        else:
            self._add(frame, node)

    def _named(self, frame: Frame, token: SyntaxToken) -> None:
        """Read what may be a field and its value."""
        field = NAMES.get(token.text.lower(), "")
        if not field:
            self._unknown(frame, token)
            return
        # Blanks may follow a colon in ``tag: sea``, not in "said two people: one ...".
        spaced = token.text.islower() and not self.text[: token.start].strip(" (+-")
        words = field in (*TEXTS, CASE)
        value = value_token(self.text, token.end, spaced=spaced, words=words)
        if value is None:
            if self.text[token.end : token.end + 1].isspace():  # a sentence: "Source: an official"
                self._operand(frame, token._replace(kind=Kind.RUN), frame.field)
                return
            self.note("empty-field", token.span, text=token.text)
            frame.forget()
            return
        self.at = value.end
        if value.kind is Kind.RUN and field in TEXTS and _MARK.match(value.text):
            self.note("sign-dropped", (token.start, value.end), signs=value.text[0])
        if value.kind is Kind.OPEN:
            self._open(value, field)
        elif value.kind is Kind.RANGE and field not in DATE_FIELDS:
            self.note("bad-range", (token.start, value.end))
            frame.forget()
        else:
            self._operand(frame, value, field)

    def _unknown(self, frame: Frame, token: SyntaxToken) -> None:
        following = self.text[token.end : token.end + 1]
        if following and not following.isspace() and following not in "),;":
            near = field_like(token.text)
            hint = f"did you mean {near}:?" if near else "to search for a colon, quote the words."
            self.note("unknown-field", token.span, text=token.text, hint=hint)
        self._operand(frame, token._replace(kind=Kind.RUN), frame.field)

    def _date(self, token: SyntaxToken, field: str) -> Node:
        found, end = self._interval(token)
        text = self.text[token.start : end] if token.kind is Kind.RUN else token.text
        if found is None:
            self.note("bad-date", (token.start, end))
            return NOTHING
        if message := day_first(text):
            self.note("day-first", (token.start, end), message)
        if reversed_dates(text, self.clock):
            self.note("reversed-dates", (token.start, end), REVERSED)
        first, last = found
        bounds = {
            "before": (None, first), "after": (last, None), "since": (first, None),
            "until": (None, last),
        }  # fmt: skip
        start, stop = bounds.get(field, (first, last))
        if start is not None and stop is not None and start >= stop:
            self.note("disjoint-dates", (token.start, end))
        self.operands.count(1, 0)
        kept = ADDED if field == ADDED else DATE
        return DateRange(start, stop, label(start, stop, self.clock), kept)

    def _interval(self, token: SyntaxToken) -> tuple[tuple[int | None, int | None] | None, int]:
        """Return the interval of a date and where it ends: some words more than the token."""
        if token.kind is not Kind.RUN:
            return read_dates(token.text, self.clock), token.end
        ends = self._date_ends(token)
        for end in reversed(ends):
            found = read_dates(self.text[token.start : end].rstrip("^"), self.clock)
            if found:
                day = _DAY.match(self.text, end)
                if day and end == ends[0] and _MONTH.fullmatch(label(*found, self.clock)):
                    ends[0] = day.end()  # June 31: no day of that month
                    break
                self.at = end
                return found, end
        self.at = ends[0]
        return None, ends[0]

    def _date_ends(self, token: SyntaxToken) -> list[int]:
        """Return where a date that begins with this token may end, the nearest first.

        Words go on to a year (``June 1, 2021``), digits only to another date (``2019 to 2021``) or
        as a year before a month and a day.
        """
        ends = [token.end]
        words = [token.text]
        while len(ends) < MAX_DATE_WORDS and (more := _NEXT_WORD.match(self.text, ends[-1])):
            if _YEAR.fullmatch(words[-1]) and len(words) > 1 and more[1] not in _UP_TO:
                break
            words.append(more[1])
            ends.append(more.end())
        if _LOOSE_DATE.search(token.text.rstrip("^")) or (words[1:2] and words[1] in _UP_TO):
            return ends
        if _YEAR.fullmatch(token.text) and len(words) > 2 and words[2][:1].isdigit():
            return [ends[0], ends[2]]
        return ends[:1]


def read(text: str, at: Clock) -> tuple[Node, tuple[Note, ...]]:
    """Return the tree of a query and the notes on it; never raises, and takes linear time."""
    reader = _OperatorParser(text, at)
    node = reader.run()
    return node, tuple(reader.notes)
