"""A knowledge article: a Markdown page that answers one question in a few sentences. Pure.

::

    ---
    until: 2026-12-31          # optional: not said after this day
    flows: [telecom]           # optional: only in these flows
    ---
    # Using your phone in Europe

    ## Questions
    - Can I use my phone in Europe?
    - What is roaming?

    ## Short answer
    In the European Union you use your calls and data as at home.

    ## More
    You only need to turn on data roaming in the phone's settings.

Everything in it is spoken, so it is plain sentences: emphasis and links lose their marks, items of a list
become sentences, and what cannot be spoken (tables, images, code, HTML) is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from markdown_it import MarkdownIt
from markdown_it.token import Token

from voice.dialogue.yamlfile import Document, parse_yaml
from voice.errors import Problem
from voice.languages import fold

FEWEST_QUESTIONS = 3
MOST_CHARACTERS = 20_000  # of a file: more is no article
SHORT_SECONDS, LONG_SECONDS = 9, 25
_CHARACTERS_A_SECOND = 15  # as everywhere here: about 165 words a minute
_ENDS = ".!?…:"

_QUESTIONS, _SHORT, _MORE = "questions", "short", "more"
_HEADINGS = {
    _QUESTIONS: ("preguntas", "questions"),
    _SHORT: ("respuesta corta", "respuesta", "short answer", "answer"),
    _MORE: ("mas", "mas informacion", "respuesta larga", "more", "longer answer", "long answer"),
}
_WANTED = {
    "es": "## Preguntas, ## Respuesta corta y, si hay más que decir, ## Más",
    "en": "## Questions, ## Short answer and, if there is more to say, ## More",
}
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_UNSPEAKABLE = {
    "fence": "a block of code",
    "code_block": "a block of code",
    "html_block": "HTML",
    "html_inline": "HTML",
    "image": "an image",
    "table_open": "a table",
    "hr": "a line across",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class Article:
    """``name`` is the file's, the same in every language. ``more`` may be empty. ``until`` is the last day
    on which it holds; ``flows`` (empty: all) are those it belongs to."""

    name: str
    lang: str
    title: str
    questions: tuple[str, ...]
    short: str
    more: str = ""
    until: date | None = None
    flows: tuple[str, ...] = ()

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until

    @property
    def text(self) -> str:
        return f"{self.title}. {self.short} {self.more}".strip()


@dataclass(slots=True)
class _Page:
    file: str
    lang: str
    problems: list[Problem] = field(default_factory=list)
    title: str = ""
    parts: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # line and sentence

    def error(self, line: int, message: str, remedy: str, severity: str = "error") -> None:
        self.problems.append(Problem(self.file, line, message, remedy, severity))


def parse_article(file: str, name: str, lang: str, source: str) -> tuple[Article | None, list[Problem]]:
    """The article of a file's text, and everything that is wrong with it; None when it cannot be used."""
    page = _Page(file, lang)
    source = source.replace("\r\n", "\n")
    if not _NAME.fullmatch(name):
        page.error(1, f"'{name}' is no name for an article", "Use lower-case letters, digits, - and _.")
    if len(source) > MOST_CHARACTERS:
        page.error(1, "is longer than an article can be", "Split it: one question, one article.")
        return None, page.problems
    front = _FRONT.match(source)
    head = parse_yaml(file, front[1]) if front else Document(file)
    page.problems += head.problems
    until, flows, title = _front_matter(page, head)
    skipped = source[: front.end()].count("\n") if front else 0
    _read(
        page,
        MarkdownIt("commonmark").enable("table").parse(source[front.end() :] if front else source),
        skipped,
    )
    page.title = title or page.title
    _check(page)
    if any(problem.severity == "error" for problem in page.problems):
        return None, page.problems
    questions = tuple(dict.fromkeys(text for _, text in page.parts[_QUESTIONS]))
    short, more = (" ".join(text for _, text in page.parts.get(part, ())) for part in (_SHORT, _MORE))
    return Article(name, lang, page.title, questions, short, more, until, flows), page.problems


def _front_matter(page: _Page, head: Document) -> tuple[date | None, tuple[str, ...], str]:
    until, flows, title = None, (), ""
    data = head.data if isinstance(head.data, dict) else {}
    for key, value in data.items():
        line = head.line((key,)) + 1  # the line of dashes
        if key == "title" and isinstance(value, str):
            title = value.strip()
        elif key == "until":
            try:
                until = date.fromisoformat(str(value))
            except ValueError:
                page.error(line, f"'{value}' is not a day", "Write it as 2026-12-31.")
        elif key == "flows" and isinstance(value, list) and all(isinstance(item, str) for item in value):
            flows = tuple(value)
        else:
            page.error(
                line, f"'{key}' is not known here", "Known are title, until (a day) and flows (a list)."
            )
    return until, flows, title


def _read(page: _Page, tokens: Sequence[Token], skipped: int) -> None:
    """Fills the page from Markdown's tokens; lines count from 1 in the whole file."""
    part, line, heading, in_item = "", 1 + skipped, "", 0
    for token in tokens:
        line = token.map[0] + 1 + skipped if token.map else line
        if token.type in _UNSPEAKABLE:
            page.error(line, f"{_UNSPEAKABLE[token.type]} cannot be spoken", "Say it in a sentence.")
        elif token.type == "heading_open":
            heading = token.tag
        elif token.type == "list_item_open":
            in_item += 1
        elif token.type == "list_item_close":
            in_item -= 1
        elif token.type == "inline":
            text = _plain(page, token, line)
            if heading == "h1":
                page.title = page.title or text.rstrip(".")
            elif heading:
                part = _part_of(page, line, text)
            elif part:
                page.parts[part].append((line, text if part == _QUESTIONS else _sentence(text)))
                if part == _QUESTIONS and not in_item:
                    page.error(line, "a question must be an item of the list", "Begin the line with '- '.")
            elif text:
                page.error(
                    line, "text without a heading is never said", f"Put it under one of {_WANTED[page.lang]}."
                )
        elif token.type == "heading_close":
            heading = ""


def _part_of(page: _Page, line: int, heading: str) -> str:
    folded = fold(heading)
    part = next((part for part, names in _HEADINGS.items() if folded in names), "")
    if not part:
        page.error(line, f"the heading '{heading}' is not known", f"Write {_WANTED[page.lang]}.")
        part = heading  # its text is not blamed on top
    if part in page.parts:
        page.error(line, f"'{heading}' stands twice", "Keep one of them.")
    page.parts.setdefault(part, [])
    return part


def _plain(page: _Page, inline: Token, line: int) -> str:
    words = []
    for token in inline.children or ():
        if token.type in _UNSPEAKABLE:
            page.error(line, f"{_UNSPEAKABLE[token.type]} cannot be spoken", "Say it in a sentence.")
        words.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return " ".join("".join(words).split())


def _sentence(text: str) -> str:
    return text if not text or text[-1] in _ENDS else f"{text}."


def _check(page: _Page) -> None:
    parts, wanted = page.parts, f"Write {_WANTED[page.lang]}."
    if not page.title:
        page.error(1, "the title is missing", "Begin the article with a line '# Title'.")
    for part, what in ((_QUESTIONS, "questions"), (_SHORT, "short answer")):
        if not any(text for _, text in parts.get(part, ())):
            page.error(1, f"the {what} is missing" if part == _SHORT else f"the {what} are missing", wanted)
    questions = [(line, text) for line, text in parts.get(_QUESTIONS, ()) if text]
    if 0 < len(questions) < FEWEST_QUESTIONS:
        line = questions[0][0]
        page.error(
            line, f"{len(questions)} questions are few to be found by", "Write five or more.", "warning"
        )
    seen: dict[str, int] = {}
    for line, text in questions:
        if seen.setdefault(fold(text), line) != line:
            page.error(line, f"'{text}' stands twice", "Keep one of them.", "warning")
    for part, seconds in ((_SHORT, SHORT_SECONDS), (_MORE, LONG_SECONDS)):
        said = parts.get(part, [])
        takes = sum(len(text) for _, text in said) / _CHARACTERS_A_SECOND
        if takes > seconds:
            remedy = (
                f"Callers forget what is longer than {seconds} seconds: shorten it or move some to the rest."
            )
            page.error(said[0][0], f"takes about {takes:.0f} seconds to say", remedy, "warning")
        for line, text in said:
            if "{" in text or "}" in text:
                page.error(
                    line, "an article has no values in braces", "What depends on the caller is for a flow."
                )


def check_together(
    articles: Sequence[Article], languages: Sequence[str], files: dict[tuple[str, str], str]
) -> Iterator[Problem]:
    """What is wrong between articles: the same question twice, or a language missing. ``files`` gives the
    file of each (name, lang)."""
    names: dict[str, list[str]] = {}
    for article in articles:
        names.setdefault(article.name, []).append(article.lang)
    for name, langs in names.items():
        for missing in (lang for lang in languages if lang not in langs):
            file, remedy = files[name, langs[0]], f"Write it as knowledge/{missing}/{name}.md."
            yield Problem(file, 1, f"there is no such article in '{missing}'", remedy, "warning")
    asked: dict[tuple[str, str], Article] = {}
    for article in articles:
        for question in article.questions:
            other = asked.setdefault((article.lang, fold(question)), article)
            if other is not article:
                message = f"'{question}' is also a question of '{other.name}'"
                yield Problem(files[article.name, article.lang], 1, message, "Keep it in one of them.")
