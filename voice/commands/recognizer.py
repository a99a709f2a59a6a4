"""Recognise speech for other machines: a server that speaks the vosk-server WebSocket protocol.

Any vosk-server client can use it, and so can 'voice serve' on another machine, with the settings

  [speech]
  server_es = "ws://THIS-MACHINE:2700/es"
  server_en = "ws://THIS-MACHINE:2700/en"

The models are those of speech.model_es and speech.model_en, or the built-in ones. With speech.server_token
set (CENTRALITA_SPEECH__SERVER_TOKEN), clients must send it as 'Authorization: Bearer TOKEN'. What callers say
travels here: beyond a private network, use --tls-cert and --tls-key (or a TLS proxy) and a token.

/healthz answers while the process lives, /readyz says whether it takes more. SIGTERM or Ctrl-C stops: nobody
new, who is being heard may finish for --drain-seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import ssl
import sys
from pathlib import Path

from aiohttp import web

from voice.clock import RealClock
from voice.errors import ConfigError
from voice.model import LANGUAGES
from voice.settings import Settings, load
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_service import HEAD_SECONDS, Limits, VoskService
from voice.telephony.quiet import HttpLog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=2700, help="port (default 2700; 0: any free one)")
    parser.add_argument(
        "--lang", choices=LANGUAGES, help="language of the address without one (default call.lang)"
    )
    parser.add_argument(
        "--threads", type=_positive, help="decoding threads (default speech.recognition_threads)"
    )
    parser.add_argument(
        "--max-utterances", type=_positive, default=Limits().utterances, help="at the same time (default 64)"
    )
    parser.add_argument("--drain-seconds", type=float, default=10, help="for who is being heard at the end")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key, PEM")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    parser.add_argument("--data", type=Path, metavar="DIR", help="for compiled vocabulary (default ./data)")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(
        level=args.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    settings = load(args.config, overrides={"data": args.data})
    tls = server_tls(args.tls_cert, args.tls_key)
    return asyncio.run(_serve(settings, args, tls))


def server_tls(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Raises ConfigError when one is missing or they cannot be used."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise ConfigError("--tls-cert and --tls-key belong together: give both or neither")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{cert} and {key} cannot be used for TLS ({error}); are both PEM files?"
        ) from error
    return context


async def _serve(settings: Settings, args: argparse.Namespace, tls: ssl.SSLContext | None) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    recognizer = await asyncio.to_thread(VoskRecognizer.from_settings, settings)
    token = settings.speech.server_token.get_secret_value()
    service = VoskService(
        recognizer,
        lang=args.lang or settings.call.lang,
        threads=args.threads or settings.speech.recognition_threads,
        token=token,
        limits=Limits(utterances=args.max_utterances),
    )
    runner = web.AppRunner(
        service.app(),
        access_log=None,
        logger=HttpLog(RealClock()),
        shutdown_timeout=2,
        keepalive_timeout=HEAD_SECONDS,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, args.host, args.port, ssl_context=tls).start()
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {args.host}:{args.port} ({error.strerror}); "
                "is another server running? choose another with --port"
            ) from error
        _explain(runner, tls is not None, bool(token), recognizer.languages())
        await stopping.wait()
        print(f"Stopping: {service.active} utterances being heard", flush=True)
        await service.stop(args.drain_seconds)
    finally:
        await runner.cleanup()
    return 0


def _explain(runner: web.AppRunner, tls: bool, token: bool, languages: tuple[str, ...]) -> None:
    host, port = runner.addresses[0][:2]
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    addresses = "  ".join(f"{'wss' if tls else 'ws'}://{shown}/{lang}" for lang in languages)
    print(f"Recognising at {addresses}", flush=True)
    print(f"Health: {'https' if tls else 'http'}://{shown}/healthz  /readyz", flush=True)
    if not token and host not in ("127.0.0.1", "::1"):
        print(
            "No token is set, so anyone who reaches this port can use it; "
            "set CENTRALITA_SPEECH__SERVER_TOKEN",
            flush=True,
        )
