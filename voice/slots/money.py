"""Reads spoken digit strings and amounts of money. Pure; tokens come from ``numbers.tokenise``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from voice.languages import Lexicon
from voice.slots.fractions import in_figures
from voice.slots.numbers import Number, find_numbers, is_negative, is_written, parse_written

Reading = tuple[str, float] | None
"""A normalised value and the confidence in its reading."""

_CENT = Decimal("0.01")
_MOST = Decimal(10) ** 15
_MOST_AROUND_MONEY = 12  # words around an amount whose currency is named
_SIGNS = frozenset("$€£+")
_ARTICLES = frozenset({"un", "una", "a"})
_PENCE = frozenset({"p"})
_LINKS = frozenset({"con", "y", "and", "de", "of", "a"})


def strangers(tokens: Sequence[str], numbers: Sequence[Number], lexicon: Lexicon) -> int:
    """How many words are neither part of a number nor a known filler: doubt that this is an answer."""
    inside = {i for n in numbers for i in range(n.start, n.end)}
    return sum(
        1 for i, t in enumerate(tokens) if i not in inside and t not in lexicon.fillers and t not in _SIGNS
    )


def read_digits(tokens: Sequence[str], lexicon: Lexicon, min_length: int, max_length: int) -> Reading:
    """A digit string of allowed length; the numbers of the utterance are joined as they were said."""
    readings = digit_readings(tokens, lexicon)
    if not readings:
        return None
    strange = strangers(tokens, find_numbers(tokens, lexicon, homophones=True), lexicon)
    for digits, doubt in zip(readings, (0.0, 0.2), strict=False):
        if min_length <= len(digits) <= max_length:
            return digits, max(0.3, 1.0 - doubt - 0.1 * strange)
    return None


def digit_readings(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    """All the digits of an utterance, as they were said and, where it may be meant so, tens and units apart;
    empty when there are none or too much else."""
    numbers = find_numbers(tokens, lexicon, homophones=True)
    joined = "".join(n.text for n in numbers)
    split = "".join(n.split for n in numbers)
    if not numbers or strangers(tokens, numbers, lexicon) > max(2, len(joined)):
        return []
    return [digits for digits in dict.fromkeys((joined, split)) if digits.isdecimal()]


def read_amount(tokens: Sequence[str], lexicon: Lexicon) -> Reading:
    """An amount as a decimal string: whole, or with exactly two decimals."""
    tokens = _articles_as_one(_scale_first(in_figures(tokens, lexicon), lexicon), lexicon)
    numbers = find_numbers(tokens, lexicon)
    reader = _AmountReader(tokens, numbers, lexicon)
    amount, confidence = reader.read()
    if amount is None:
        return None
    if amount >= _MOST:  # no price, and beyond what decimals can round
        return None
    strange = strangers(tokens, numbers, lexicon) - sum(1 for t in tokens if reader.is_money_word(t))
    if strange > (_MOST_AROUND_MONEY if reader.named else 6):
        return None
    start = reader.start
    while start and (tokens[start - 1] in lexicon.currency_words or tokens[start - 1] in _SIGNS):
        start -= 1
    if is_negative(tokens, start, lexicon):
        amount = -amount
    confidence = max(0.3, confidence - 0.1 * max(0, strange))
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    whole = rounded == rounded.to_integral_value()
    return f"{rounded.to_integral_value() if whole else rounded:f}", confidence


def _scale_first(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    """ "75 dollars million" is written as it is spoken: the scale before the currency."""
    said = list(tokens)
    for i in range(1, len(said) - 1):
        if said[i] in lexicon.currency_words and said[i + 1] in lexicon.scales and is_written(said[i - 1]):
            said[i], said[i + 1] = said[i + 1], said[i]
    return said


def _articles_as_one(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    """ "un euro", "a dollar": the article before a currency counts."""
    taken = {i for n in find_numbers(tokens, lexicon) for i in range(n.start, n.end)}
    money = lexicon.currency_words | lexicon.cent_words
    counts = {i - 1 for i, t in enumerate(tokens) if t in money} - taken
    return [
        "1" if i in counts and t in _ARTICLES and (not i or tokens[i - 1] not in lexicon.half_words) else t
        for i, t in enumerate(tokens)
    ]


_SIGNS = frozenset("$€£")
_PESOS = ("MXN", "ARS", "COP", "CLP", "UYU", "DOP")
_NAMED = {
    "euro": "EUR", "euros": "EUR", "eurillos": "EUR", "eur": "EUR", "€": "EUR", "usd": "USD", "gbp": "GBP",
    "dolar": "USD", "dolares": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD",
    "pavo": "USD", "pavos": "USD", "libra": "GBP", "libras": "GBP", "pound": "GBP", "pounds": "GBP",
    "quid": "GBP", "£": "GBP", "sterling": "GBP", "pence": "GBP", "mxn": "MXN", "ars": "ARS", "cop": "COP",
    "clp": "CLP", "pen": "PEN", "yen": "JPY", "yenes": "JPY", "yens": "JPY", "yuan": "CNY", "yuanes": "CNY",
    "won": "KRW", "wones": "KRW", "franco": "CHF", "francos": "CHF", "franc": "CHF", "francs": "CHF",
    "rupia": "INR", "rupias": "INR", "rupee": "INR", "rupees": "INR", "rublo": "RUB", "rublos": "RUB",
    "ruble": "RUB", "rubles": "RUB", "reales": "BRL", "reais": "BRL", "guarani": "PYG", "guaranies": "PYG",
    "boliviano": "BOB", "bolivianos": "BOB", "quetzal": "GTQ", "quetzales": "GTQ", "colon": "CRC",
    "colones": "CRC", "lempira": "HNL", "lempiras": "HNL", "corona": "SEK", "coronas": "SEK",
    "crowns": "SEK", "sol": "PEN", "soles": "PEN",
}  # fmt: skip
_SCALED_PESOS = {
    "mexicano": "MXN", "mexicanos": "MXN", "mexican": "MXN", "argentinos": "ARS", "argentine": "ARS",
    "colombianos": "COP", "colombian": "COP", "chilenos": "CLP", "chilean": "CLP", "uruguayos": "UYU",
    "dominicanos": "DOP", "canadienses": "CAD", "canadian": "CAD", "australianos": "AUD",
    "australian": "AUD",
}  # fmt: skip


def currency_of(tokens: Sequence[str], default: str) -> str:
    """The ISO 4217 code of the currency that is named; "" when none is. Pesos and dollars without a country
    are those of ``default`` where it is one."""
    for token in tokens:
        if token in _SCALED_PESOS:
            return _SCALED_PESOS[token]
    for token in tokens:
        if token in ("peso", "pesos"):
            return default if default in _PESOS else "MXN"
        if token in ("$",):
            return default if default in (*_PESOS, "USD", "CAD", "AUD") else "USD"
        if token in _NAMED:
            return _NAMED[token]
    return ""


class _AmountReader:
    def __init__(self, tokens: Sequence[str], numbers: list[Number], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.numbers = numbers
        self.lex = lexicon
        self.start = 0
        self.named = False  # the number stands beside its currency

    def is_money_word(self, token: str) -> bool:
        lex = self.lex
        return token in lex.currency_words | lex.cent_words | lex.half_words | lex.decimal_words | lex.minus

    def read(self) -> tuple[Decimal | None, float]:
        if not self.numbers:
            halves = [i for i, t in enumerate(self.tokens) if t in self.lex.half_words]
            money = any(t in self.lex.currency_words for t in self.tokens)
            before = self.tokens[max(0, halves[0] - 2) : halves[0]] if halves else ()
            more = not {"y", "and"}.isdisjoint(before)  # "euro y medio"
            return (Decimal("1.5" if more else "0.5"), 0.9) if halves and money else (None, 0.0)
        first = self._first()
        number = self.numbers[first]
        self.start = number.start
        value = self._value(number)
        if self._token(number.start - 1) in self.lex.decimal_words:  # "point five"
            return self._decimals(Decimal(0), self._run(self.numbers[first:])), 0.9
        before = self.tokens[max(0, number.start - 2) : number.start]
        if number.scaled and any(t in self.lex.half_words for t in before):
            return value / 2, 0.9
        gap = self._gap(first)
        if self._starts_with(gap, self.lex.cent_words | _PENCE):  # "ochenta céntimos de euro" as well
            return value / 100, 1.0
        half = self._half(number, gap)
        if half:
            return value + half, 0.9
        rest = self.numbers[first + 1 :]
        return self._with_fraction(value, number, gap, rest) if rest else (value, 1.0)

    def _first(self) -> int:
        """The number that money stands at, or what leads up to it; else the first one."""
        for i, n in enumerate(self.numbers):
            before, after = self._token(n.start - 1), self._token(n.end)
            if after in self.lex.currency_words or after in _SIGNS or before in _SIGNS:
                self.named = True
                while i and before not in _SIGNS and self._leads(self.numbers[i - 1], self.numbers[i]):
                    i -= 1
                return i
        return 0

    def _leads(self, a: Number, b: Number) -> bool:
        """Whether ``a`` and ``b`` are one amount: "forty two" "fifty", "tres" coma "cinco"."""
        between = set(self.tokens[a.end : b.start])
        return between <= self.lex.decimal_words | {"con", "y"}

    def _token(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def _value(self, number: Number) -> Decimal:
        token = self.tokens[number.start]
        return parse_written(token) if is_written(token) and number.end == number.start + 1 else number.value

    def _gap(self, i: int) -> Sequence[str]:
        end = self.numbers[i + 1].start if i + 1 < len(self.numbers) else len(self.tokens)
        return self.tokens[self.numbers[i].end : end]

    @staticmethod
    def _starts_with(gap: Sequence[str], words: frozenset[str]) -> bool:
        return bool(gap) and gap[0] in words

    def _half(self, number: Number, gap: Sequence[str]) -> Decimal | None:
        lead: list[str] = []
        for token in gap:
            if token in self.lex.half_words:
                scale = self.lex.scales.get(self.tokens[number.end - 1], 1)
                money = any(t in self.lex.currency_words for t in lead)
                return Decimal(1 if money else scale) / 2
            if token not in _LINKS | self.lex.currency_words:
                return None
            lead.append(token)
        return None

    def _with_fraction(
        self, whole: Decimal, number: Number, gap: Sequence[str], rest: list[Number]
    ) -> tuple[Decimal | None, float]:
        run = self._run(rest)
        text = "".join(n.text for n in run)
        if set(gap) & self.lex.decimal_words and len(gap) <= 2:
            return self._decimals(whole, run), 1.0
        other = set(gap) & self.lex.currency_words and len(text) > 2
        if other or set(gap) - _LINKS - self.lex.currency_words:
            return whole, 0.7  # two numbers with something else between: the first one
        majors = self._token(run[-1].end) in self.lex.currency_words
        if not gap and majors and number.unit and 10 <= run[0].value < 100 and not self.lex.tens_joiner:
            return Decimal(number.text + text), 0.6  # "one fifty five dollars"
        if len(text) <= 2 and (len(run) == 1 or run[0].text == "0"):
            sure = 1.0 if gap else 0.8 if len(text) == 2 else 0.6
            if gap or len(text) == 2:
                return whole + Decimal(text) / 100, sure
        if not gap and all(n.unit for n in (number, *run)):
            return Decimal(number.text + text), 0.6  # said digit by digit
        return None, 0.0

    @staticmethod
    def _run(numbers: Sequence[Number]) -> list[Number]:
        """The numbers that follow each other without a word between."""
        run = [numbers[0]]
        for n in numbers[1:]:
            if n.start != run[-1].end:
                break
            run.append(n)
        return run

    def _decimals(self, whole: Decimal, run: Sequence[Number]) -> Decimal:
        last = run[-1]
        scale = self.lex.scales.get(self._token(last.end - 1), 1) if last.scaled else 1
        digits = "".join(n.text for n in run[:-1]) + f"{last.value / scale:f}"
        return Decimal(f"{whole.to_integral_value()}.{digits.replace('.', '')}") * scale
