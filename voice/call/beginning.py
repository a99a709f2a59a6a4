"""What is known when a call begins, for its log and for its dialogue."""

from __future__ import annotations

from voice import events as ev
from voice.call.services import Services
from voice.dialogue.seam import Began
from voice.model import CallInfo
from voice.profile.service import Welcome


def call_started(services: Services, info: CallInfo, lang: str) -> ev.CallStarted:
    """The first event of a call's log."""
    return ev.CallStarted(
        info.provider,
        info.caller,
        info.called,
        lang,
        services.flow_name,
        services.flow_version,
        services.clock.wall_ms(),
        info.stream_id,
    )


def profile_loaded(known: Welcome) -> ev.ProfileLoaded:
    """What became of looking for the caller: the names of what is known, no values."""
    return ev.ProfileLoaded("number", known.found, known.ms, known.why, sorted(known.values))


def began(services: Services, info: CallInfo, known: Welcome) -> Began:
    """The dialogue's first input. ``info`` has the call's own id."""
    return Began(
        info.caller,
        info.called,
        services.clock.wall_ms(),
        info.parameters,
        info.call_id,
        known.profile,
        known.cut,
        longest_ms=services.settings.call.max_seconds * 1000,
    )
