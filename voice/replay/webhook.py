"""The webhook part of a provider's call: asks the server what to do, and reads the TwiML it answers."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from voice.errors import WireError
from voice.replay.media_streams import CALLED_PARAMETER, CALLER_PARAMETER, Identity
from voice.telephony.signatures import HEADER, sign

MAX_TWIML_BYTES = 64 * 1024
WEBHOOK_TIMEOUT_S = 15.0  # as long as Twilio waits


@dataclass(frozen=True, slots=True)
class Instruction:
    """What TwiML asks for. ``stream_url`` is "" when the call is not to be streamed; ``say`` is then what
    the provider's own voice would say."""

    stream_url: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    action_url: str = ""
    say: str = ""


def parse_twiml(text: str) -> Instruction:
    """Raises :class:`WireError` for what is not TwiML."""
    if len(text) > MAX_TWIML_BYTES:
        raise WireError("the webhook's answer is longer than TwiML may be")
    if "<!DOCTYPE" in text:
        raise WireError("the webhook's answer has a document type; TwiML has none")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 (bounded, and entities need the DOCTYPE refused above)
    except ElementTree.ParseError as error:
        raise WireError(f"the webhook's answer is not XML ({error})") from None
    if root.tag != "Response":
        raise WireError(f"the webhook answered with <{root.tag}>, not with TwiML's <Response>")
    connect = root.find("Connect")
    stream = connect.find("Stream") if connect is not None else None
    say = " ".join((node.text or "").strip() for node in root.iter("Say"))
    if connect is None or stream is None:
        return Instruction(say=say)
    parameters = {p.get("name", ""): p.get("value", "") for p in stream.findall("Parameter")}
    return Instruction(stream.get("url", ""), parameters, connect.get("action", ""), say)


def websocket_url(url: str) -> str:
    """The same address for a WebSocket: http becomes ws and https wss."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme={"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)))


def signature(auth_token: str, url: str, form: dict[str, str] | None = None) -> dict[str, str]:
    """The header that authenticates a request; none without a token."""
    return {HEADER: sign(auth_token, url, (form or {}).items())} if auth_token else {}


async def post(
    url: str,
    identity: Identity,
    *,
    caller: str,
    called: str,
    status: str,
    auth_token: str = "",
) -> Instruction:
    """Rings the webhook. Raises :class:`WireError` when it is unreachable or does not answer with TwiML."""
    form = {
        "AccountSid": identity.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": identity.call_sid,
        "CallStatus": status,
        "Direction": "inbound",
        CALLER_PARAMETER: caller,
        CALLED_PARAMETER: called,
    }
    timeout = aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=form, headers=signature(auth_token, url, form)) as response,
        ):
            text = await response.text()
            if response.status != 200:
                hint = "; give the server's --auth-token" if response.status in (401, 403) else ""
                raise WireError(f"{url} answered with status {response.status}{hint}")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise WireError(
            f"{url} cannot be reached ({error or 'no answer in time'}); is the server up?"
        ) from None
    return parse_twiml(text)
