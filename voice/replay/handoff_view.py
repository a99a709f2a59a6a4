"""What a person at the desk gets, on a terminal: the ticket, the packet, and where everything lies."""

from __future__ import annotations

from pathlib import Path

import soundfile
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from voice.model import JsonDict
from voice.replay.view import CALLER, DESK, DIM, LINE, percent

CALL_FILES = (
    ("packet.json", "packet"),
    ("recording.wav", "recording"),
    ("events.jsonl", "events"),
)


def handoff_panel(ticket: JsonDict, packet: JsonDict) -> Panel:
    """The ticket as it lies in the queue, with the packet's summary, slots and transcript."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style=DIM)
    head.add_column()
    urgent = "  [bold red]urgent[/]" if packet.get("urgent") else ""
    head.add_row(
        "queue", f"[bold]{escape(str(ticket['queue']))}[/], place {ticket.get('position', '?')}{urgent}"
    )
    intent = packet.get("intent")
    if intent:
        head.add_row(
            "wants", f"{escape(intent['label'] or intent['name'])} ({percent(intent['confidence'])})"
        )
    head.add_row("reason", escape(str(packet.get("reason_text") or packet.get("reason", ""))))
    head.add_row("language", escape(f"{packet.get('lang', '')}, {packet.get('mood', 'neutral')}"))
    parts: list[RenderableType] = [
        Text(str(packet.get("one_line", "")), style="bold"),
        Text(str(packet.get("summary", ""))),
        Text(),
        head,
    ]
    for slot in packet.get("slots", ()):
        sure = "confirmed" if slot["confirmed"] else "not confirmed"
        sure = "verified" if slot.get("verified") else sure
        value = f"[bold]{escape(str(slot['value']))}[/]  [dim]{percent(slot['confidence'])}, {sure}[/]"
        head.add_row(escape(str(slot["label"] or slot["name"])), value)
    for result in packet.get("results", ()):
        source = escape(result["source"] or result["action"])
        head.add_row(escape(result["label"]), f"[bold]{escape(result['shown'])}[/]  [dim]{source}[/]")
    for tried in packet.get("tried", ()):
        head.add_row("tried", escape(f"{tried['what']}: {tried['outcome']}"))
    parts += [Text(), *transcript(packet)]
    return Panel(
        Group(*parts),
        title="[bold]What the agent reads before taking the call[/]",
        border_style=DESK,
        padding=(1, 2),
    )


def transcript(packet: JsonDict) -> list[Text]:
    """The conversation so far: only what was heard."""
    lines = []
    for item in packet.get("transcript", ()):
        who, style = ("line", LINE) if item["who"] == "bot" else (item["who"], CALLER)
        cut = " …" if item.get("ended") == "cut" else ""
        lines.append(Text.assemble((f"{who:>7} ", style), f"{item['text']}{cut}"))
    return lines


def file_lines(folder: Path) -> tuple[list[Text], list[str]]:
    """Where a call's files lie, a line each, and which of them are missing."""
    lines, missing = [], []
    for name, what in CALL_FILES:
        path = folder / name
        if path.is_file() and path.stat().st_size:
            lines.append(Text.assemble((f"  {what:10}", DIM), str(path), (f"  {_size(path)}", DIM)))
        else:
            missing.append(f"{what} is missing: {path}")
    return lines, missing


def _size(path: Path) -> str:
    size = f"{path.stat().st_size / 1000:.0f} kB"
    if path.suffix != ".wav":
        return size
    info = soundfile.info(path)
    return f"{size}, {info.duration:.0f} s, {info.channels} channels"
