"""A language model behind any server that speaks OpenAI's chat-completions protocol, by their own client.

Ollama (``http://127.0.0.1:11434/v1``), vLLM and llama.cpp (``http://127.0.0.1:8000/v1``) and OpenAI do.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from voice.errors import ConfigError
from voice.language_model.seam import Ask, End, LanguageModelError, Piece, ToolCall
from voice.settings import ModelSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

MOST_CHARACTERS = 20_000  # of an answer, arguments of tools included
MOST_TOOLS = 8
_NO_KEY = "none"  # the client wants one; and must not take another server's from the environment


class OpenAIServer:
    """``model`` settings in, answers out. Raises :class:`ConfigError` when the client is not installed."""

    def __init__(self, settings: ModelSettings) -> None:
        try:
            import httpx2
            import openai
        except ImportError as error:
            raise ConfigError(
                "setting model.url needs the openai client: pip install 'centralita[llm]' (or leave it empty)"
            ) from error
        self._openai, self._http = openai, httpx2
        self._settings = settings
        self._client: AsyncOpenAI = openai.AsyncOpenAI(
            base_url=settings.url,
            api_key=settings.key.get_secret_value() or _NO_KEY,
            max_retries=0,  # a caller waits: the offline path is the retry
            timeout=settings.silence_ms / 1000,
            # what callers say goes to the configured server and nowhere else
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        # loaded now and not by the first caller's question, which it held up by 0.4 s
        self._completions = self._client.chat.completions
        importlib.import_module("anyio._backends._asyncio")

    async def close(self) -> None:
        await self._client.close()

    async def stream(self, ask: Ask) -> AsyncIterator[Piece | End]:
        """See :meth:`voice.language_model.seam.LanguageModel.stream`."""
        answer = _Answer()
        openai = self._openai
        try:
            stream = await self._completions.create(**self._request(ask))
            async with stream:
                async for chunk in stream:
                    if piece := answer.take(chunk):
                        yield Piece(piece)
        except openai.APITimeoutError as error:
            raise LanguageModelError("timeout", "the language model did not answer in time") from error
        except openai.APIConnectionError as error:
            raise LanguageModelError(
                "unreachable", "the language model's server cannot be reached"
            ) from error
        except openai.APIStatusError as error:
            kind = "refused" if error.status_code < 500 else "failed"
            raise LanguageModelError(kind, f"the language model answered with {error.status_code}") from error
        except (
            openai.OpenAIError,
            ValueError,
            TypeError,
            AttributeError,
            LookupError,
            RecursionError,
        ) as error:
            # what the client makes of text that is not the protocol
            raise LanguageModelError("invalid", f"not an answer: {type(error).__name__}") from error
        except self._http.HTTPError as error:
            raise LanguageModelError("cut", f"the answer broke off: {type(error).__name__}") from error
        yield answer.end()

    def _request(self, ask: Ask) -> dict[str, Any]:
        settings = self._settings
        request: dict[str, Any] = {
            "model": settings.name,
            "messages": list(ask.messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            # OpenAI's newer models know only the one name, other servers only the other
            "max_completion_tokens" if "api.openai.com" in settings.url else "max_tokens": ask.most_tokens,
        }
        if ask.tools:
            request["tools"] = list(ask.tools)
        if settings.temperature is not None:
            request["temperature"] = settings.temperature
        return request


class _Answer:
    """What came of an answer so far. Servers differ: every field may be missing."""

    def __init__(self) -> None:
        self._calls: dict[int, list[str]] = {}  # id, name, arguments
        self._places: dict[int, int] = {}  # where the calls of each number are now
        self._finish = ""
        self._tokens = 0
        self._size = 0
        self.begun = False

    def take(self, chunk: Any) -> str:
        """The text of a chunk; its other parts are kept."""
        self.begun = True
        usage = getattr(chunk, "usage", None)
        total = getattr(usage, "total_tokens", None)
        self._tokens = total if isinstance(total, int) else self._tokens
        choices = getattr(chunk, "choices", None) or ()
        if not choices:
            return ""
        self._finish = getattr(choices[0], "finish_reason", None) or self._finish
        delta = getattr(choices[0], "delta", None)
        for call in getattr(delta, "tool_calls", None) or ():
            self._take_call(call)
        text = getattr(delta, "content", None)
        text = text if isinstance(text, str) else ""
        self._grow(len(text))
        return text

    def _take_call(self, call: Any) -> None:
        place = self._place(call)
        if place not in self._calls and len(self._calls) >= MOST_TOOLS:
            raise LanguageModelError("invalid", "the language model wants too many tools at once")
        kept = self._calls.setdefault(place, ["", "", ""])
        function = getattr(call, "function", None)
        kept[0] = kept[0] or str(getattr(call, "id", None) or f"call_{place}")
        kept[1] = kept[1] or str(getattr(function, "name", None) or "")
        more = str(getattr(function, "arguments", None) or "")
        kept[2] += more
        self._grow(len(more))

    def _place(self, call: Any) -> int:
        """Which call a piece belongs to: some servers number every call 0, and only the id of its first piece
        is new."""
        index, own = getattr(call, "index", None), getattr(call, "id", None)
        if not isinstance(index, int):
            return len(self._calls)
        place = self._places.get(index, index)
        if own and place in self._calls and self._calls[place][0] != str(own):
            place = next((n for n, kept in self._calls.items() if kept[0] == str(own)), max(self._calls) + 1)
        self._places[index] = place
        return place

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MOST_CHARACTERS:
            raise LanguageModelError("invalid", "the language model's answer has no end")

    def end(self) -> End:
        """Raises :class:`LanguageModelError` when the stream stopped before the answer did."""
        if not self._finish:
            raise LanguageModelError("cut", "the language model's answer broke off")
        if self._finish == "content_filter":
            raise LanguageModelError("refused", "the language model's server refused to answer")
        calls = tuple(ToolCall(*self._calls[place]) for place in sorted(self._calls))
        return End(calls, self._tokens, whole=self._finish != "length")
