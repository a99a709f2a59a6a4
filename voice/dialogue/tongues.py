"""In which of a line's languages the caller speaks: their first words decide."""

from __future__ import annotations

from dataclasses import replace

from voice.dialogue.conversation import Focus
from voice.dialogue.flow import Flow, MenuStep
from voice.dialogue.listening import confirm_expect, menu_expect
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.dialogue.walk import Walk
from voice.events import LanguageChanged
from voice.model import Expect, ExpectKind, Transcript


class Tongues(Walk):
    """Listens in all languages of the line until something was understood, and speaks the caller's."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._language_open = True  # until something was understood, the words may choose the language

    def _listen(self, expect: Expect, focus: Focus, *, remember: bool = True) -> None:
        others = tuple((lang, self._phrases(expect, lang)) for lang in self._other_languages())
        expect = replace(expect, others=tuple(other for other in others if other[1]))
        super()._listen(expect, focus, remember=remember)

    def _other_languages(self) -> tuple[str, ...]:
        """Those that the caller's words may still choose."""
        return tuple(other for other in self.flow.languages if self._language_open and other != self.lang)

    def _phrases(self, expect: Expect, lang: str) -> tuple[str, ...]:
        """What may be said here in ``lang``, where a wish or a yes is waited for."""
        step = self._step()
        if expect.kind is ExpectKind.YES_NO:
            return confirm_expect(self.flow, self._at, lang).phrases
        if expect.kind is ExpectKind.INTENT and isinstance(step, MenuStep):
            return menu_expect(self.flow, self._at, step, lang).phrases
        return ()

    def _heard_in(self, said: Transcript) -> None:
        """A recognizer that listens in several languages tells which one it was. The next words may still
        choose again: a cough may sound like any."""
        if said.told_apart and said.lang in self._other_languages():
            self.lang = said.lang
            self._note(LanguageChanged(said.lang, "first_words"))

    def _set_language(self, lang: str, why: str) -> None:
        self._language_open = False
        if lang != self.lang:
            self.lang = lang
            self._note(LanguageChanged(lang, why))
