"""A call's medium: its audio, or on a text wire its words. What a session needs of either, and which one a
wire gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voice.call.calltime import CallTime
from voice.call.conversation import Conversation
from voice.call.files import CallFiles
from voice.call.media import Media, MediaCall
from voice.call.recorder import Recorder
from voice.call.services import Services, Transport
from voice.call.text_media import TextMedia
from voice.call.timer import CallTimer
from voice.dialogue.seam import Dialogue
from voice.model import BargeIn, Digit, Frame, Prompt
from voice.telephony.seam import (
    Interrupted,
    MarkPlayed,
    Played,
    Said,
    Speaking,
    TextWire,
    Wire,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a medium works: what it is made of, beside the wire and the call itself."""

    services: Services
    transport: Transport
    dialogue: Dialogue
    time: CallTime
    timer: CallTimer
    files: CallFiles


class Medium(Protocol):
    """Hears and speaks for one call, from its start to its end."""

    conversation: Conversation
    recorder: Recorder | None

    def frame(self, frame: Frame) -> None:
        """A piece of the caller's audio, 50 times a second where there is any."""

    def signal(self, item: Digit | MarkPlayed | Said | Interrupted | Speaking | Played) -> None:
        """Anything else of the wire that belongs to hearing or speaking."""

    def say(self, prompt: Prompt) -> None: ...

    def say_text(self, key: str, barge_in: BargeIn, **values: str) -> None:
        """Says a system text in the call's language."""

    def text(self, key: str, barge_in: BargeIn, **values: str) -> Prompt:
        """A system text in the call's language."""

    def play_music(self, ms: int) -> None: ...

    def hush(self) -> None:
        """Everything that is playing or waiting to be said is dropped."""

    def pump(self) -> None:
        """Sends what is due. Cheap when nothing is."""

    def deadline(self) -> int | None:
        """When the time is next wanted, in call time."""

    def stalled(self) -> bool:
        """The provider has sent nothing for so long that the line counts as dead."""

    def close(self, conclusion: dict[str, str]) -> None:
        """Nothing more is heard or said. ``conclusion``: how the call ended, for whoever asks on the other
        side."""


NewMedium = Callable[[MediaCall, Setting], Medium]


def medium_for(wire: Wire | TextWire) -> NewMedium:
    """Makes the medium that calls on ``wire`` have."""
    return _text(wire) if isinstance(wire, TextWire) else _audio(wire)


def _text(wire: TextWire) -> NewMedium:
    def make(call: MediaCall, setting: Setting) -> Medium:
        return TextMedia(call, setting.services, wire, setting.transport, setting.dialogue, setting.time)

    return make


def _audio(wire: Wire) -> NewMedium:
    def make(call: MediaCall, setting: Setting) -> Medium:
        services, files = setting.services, setting.files
        recorder = None
        if services.settings.call.record and files.usable:
            recorder = Recorder(files.recording, services.disk)
        return Media(
            call, services, wire, setting.transport, setting.dialogue, setting.time, setting.timer, recorder
        )

    return make
