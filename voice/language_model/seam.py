"""What a language model is asked and what it answers: plain values, and the seam behind which it runs.

The shape is that of the chat-completions protocol, which OpenAI, Ollama, vLLM and llama.cpp speak: messages,
tools with JSON schemas, and an answer that streams.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from voice.errors import CentralitaError
from voice.model import JsonDict


class LanguageModelError(CentralitaError):
    """The model gave no answer, or not all of it. ``kind`` is one of unreachable, refused, failed,
    timeout, cut, invalid or resting. The message holds nothing that was said."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a tool run. ``arguments`` is JSON as the model wrote it: anything at all."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``messages`` and ``tools`` are as the protocol has them; ``most_tokens`` bounds the
    answer."""

    messages: tuple[JsonDict, ...]
    tools: tuple[JsonDict, ...] = ()
    most_tokens: int = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The answer is over. ``tokens`` is what the server counted for question and answer; 0 where it does not
    say. ``whole`` is false when it was cut at its limit of tokens: what is no sentence yet is not spoken."""

    calls: tuple[ToolCall, ...] = ()
    tokens: int = 0
    whole: bool = True


class LanguageModel(Protocol):
    """Answers. One object for all calls."""

    def stream(self, ask: Ask) -> AsyncIterator[Piece | End]:
        """Pieces, and one :class:`End` at last. Raises :class:`LanguageModelError`. Closing the iterator
        ends the request."""
        ...

    async def close(self) -> None: ...
