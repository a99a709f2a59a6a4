"""The real openai client against a local server that speaks its protocol, with faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tests.language_model.chat_server import Reply, client, serving
from voice.clock import ManualClock
from voice.language_model.openai_server import OpenAIServer
from voice.language_model.seam import Ask, End, LanguageModelError, Piece, ToolCall
from voice.language_model.service import ModelService, Sentence, configured
from voice.settings import ModelSettings

ASK = Ask(({"role": "user", "content": "hola"},), most_tokens=50)
TOOL = {
    "type": "function",
    "function": {"name": "balance", "parameters": {"type": "object", "properties": {}}},
}

LONG = b'data: {"choices": [{"index": 0, "delta": {"content": "' + b"x" * 30_000 + b'"}}]}\n\n'


async def all_of(model: OpenAIServer, ask: Ask = ASK) -> list[Piece | End]:
    try:
        return [item async for item in model.stream(ask)]
    finally:
        await model.close()


async def test_text_streams_and_tools_are_put_together() -> None:
    calls = [("balance", '{"customer": "1"}'), ("leave", "{}")]
    async with serving({"text": "Un momento. Lo miro.", "calls": calls, "tokens": 77}) as server:
        found = await all_of(
            client(server.url, key="s3cret", temperature=0.1), Ask(ASK.messages, (TOOL,), 50)
        )
    text = "".join(item.text for item in found if isinstance(item, Piece))
    assert text == "Un momento. Lo miro."
    assert found[-1] == End((ToolCall("c0", *calls[0]), ToolCall("c1", *calls[1])), 77)
    asked = server.asked[0]
    assert (asked["model"], asked["stream"], asked["max_tokens"], asked["temperature"]) == (
        "test",
        True,
        50,
        0.1,
    )
    assert asked["tools"] == [TOOL]
    assert server.headers[0]["Authorization"] == "Bearer s3cret"


async def test_another_servers_key_is_not_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-you")
    async with serving({"text": "Hola."}) as server:
        await all_of(client(server.url))
    assert "not-for-you" not in str(server.headers[0])


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"status": 401}, "refused"),
        ({"status": 429}, "refused"),
        ({"status": 503}, "failed"),
        ({"text": "Su saldo es", "half": True}, "cut"),
        ({"text": "Su saldo es", "unfinished": True}, "cut"),
        ({"text": "Su saldo", "error": "out of memory"}, "invalid"),
        ({"raw": b"<html>welcome</html>"}, "cut"),
        ({"raw": b"data: {broken\n\n"}, "invalid"),
        ({"raw": b'data: {"choices": 7}\n\n'}, "invalid"),
        ({"raw": b'data: {"choices": [{"delta": {"content": ["x"]}}]}\n\n'}, "cut"),
        ({"raw": b"data: [1, 2]\n\ndata: [DONE]\n\n"}, "cut"),
        ({"raw": LONG}, "invalid"),
        ({"raw": b"data: " + b"[" * 100_000 + b"\n\n"}, "invalid"),
        ({"raw": b'data: {"choices": {"0": 1}}\n\n'}, "invalid"),
        ({"calls": [("a", "{}")] * 20}, "invalid"),
        ({"text": "No.", "finish": "content_filter"}, "refused"),
        ({"text": "Un", "hang": True}, "timeout"),
    ],
)
async def test_every_fault_becomes_one_kind_of_error(reply: Reply, kind: str) -> None:
    async with serving(reply) as server:
        silence = 500 if reply.get("hang") else 8000
        with pytest.raises(LanguageModelError) as caught:
            await all_of(client(server.url, silence_ms=silence))
    # a connection that is cut may take with it what had been sent
    assert caught.value.kind in ({kind, "unreachable"} if reply.get("half") else {kind})


@pytest.mark.parametrize("unnumbered", [False, True])
async def test_whole_calls_that_are_all_numbered_nought_are_several(unnumbered: bool) -> None:
    reply: Reply = {"calls": [("a", "{}"), ("b", '{"x": 1}')], "unnumbered": unnumbered, "finish": "stop"}
    async with serving(reply) as server:
        found = await all_of(client(server.url))
    (end,) = [item for item in found if isinstance(item, End)]
    assert [(call.id, call.name, call.arguments) for call in end.calls] == [
        ("c0", "a", "{}"),
        ("c1", "b", '{"x": 1}'),
    ]


async def test_pieces_without_an_id_belong_to_the_call_before_them() -> None:
    pieces: list[dict[str, Any]] = [
        {"id": "c0", "function": {"name": "a", "arguments": ""}},
        {"function": {"arguments": '{"x": 0}'}},
        {"id": "c1", "function": {"name": "b", "arguments": '{"x"'}},
        {"function": {"arguments": ": 1}"}},
    ]
    raw = b""
    for n, piece in enumerate(pieces):
        choice = {"index": 0, "delta": {"tool_calls": [{"index": 0, "type": "function"} | piece]}}
        finish = {"finish_reason": "tool_calls"} if n == len(pieces) - 1 else {}
        raw += b"data: " + json.dumps({"choices": [choice | finish]}).encode() + b"\n\n"
    async with serving({"raw": raw + b"data: [DONE]\n\n"}) as server:
        found = await all_of(client(server.url))
    (end,) = [item for item in found if isinstance(item, End)]
    assert [(c.id, c.name, c.arguments) for c in end.calls] == [
        ("c0", "a", '{"x": 0}'),
        ("c1", "b", '{"x": 1}'),
    ]


async def test_what_callers_say_follows_no_redirect() -> None:
    async with serving({"text": "Hola."}) as elsewhere:
        to = elsewhere.url + "/chat/completions"
        async with serving({"status": 307, "headers": {"Location": to}}) as server:
            with pytest.raises(LanguageModelError) as caught:
                await all_of(client(server.url))
    assert caught.value.kind == "refused"
    assert elsewhere.asked == []


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(LanguageModelError) as caught:
        await all_of(client("http://127.0.0.1:9/v1"))
    assert caught.value.kind == "unreachable"


async def test_sentences_come_before_the_answer_is_whole_and_halves_never() -> None:
    async with serving({"text": "Uno dos. Tres cuatro. Cinco", "finish": "length"}) as server:
        service = ModelService(client(server.url), ManualClock())
        found = [item async for item in service.answer(ASK)]
        await service.close()
    assert found[:-1] == [Sentence("Uno dos."), Sentence("Tres cuatro.")]


async def test_a_failing_server_rests_and_is_tried_again() -> None:
    clock = ManualClock()

    async def kind() -> str:
        try:
            return str(len([item async for item in service.answer(ASK)]))
        except LanguageModelError as error:
            return error.kind

    async with serving({"status": 500}, {"status": 500}, {"status": 500}, {"text": "Hola."}) as server:
        service = ModelService(client(server.url), clock)
        assert [await kind() for _ in range(4)] == ["failed", "failed", "failed", "resting"]
        assert len(server.asked) == 3
        clock.advance(10_000)
        assert await kind() == "2"
        assert await kind() == "2"
        await service.close()


async def test_leaving_in_the_middle_ends_the_request() -> None:
    async with serving({"text": "Uno dos. Tres", "hang": True}) as server:
        service = ModelService(client(server.url), ManualClock())
        answer = service.answer(ASK)
        assert await anext(answer) == Sentence("Uno dos.")
        await answer.aclose()
        await server.dropped.wait()
        await service.close()


def test_settings_say_what_is_wrong() -> None:
    assert configured(ModelSettings(), ManualClock()) is None
    for wrong in ({"url": "ollama"}, {"url": "http://u:p@host/v1", "name": "x"}, {"url": "http://host/v1"}):
        with pytest.raises(ValidationError):
            ModelSettings(**wrong)
