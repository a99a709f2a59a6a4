"""Every error this project raises on purpose.

::

    CentralitaError
    ├── ConfigError            settings that cannot work (also ValueError)
    ├── FlowError              a flow file with problems; holds every Problem with file, line and remedy
    ├── WireError              a message of a telephony provider that cannot be understood (also ValueError)
    ├── AudioError             a file or stream of audio we cannot use (also ValueError)
    ├── EngineError            a speech engine failed
    │   ├── ModelError         a recognition model is missing or broken
    │   └── VoiceError         a synthesizer cannot speak
    ├── ActionError            a flow's action failed, with a typed kind
    ├── StoreError             something could not be kept (disk full, database locked)
    ├── TicketError            a ticket is gone, taken or changed meanwhile
    └── ScenarioError          a caller's scenario file has a mistake (also ValueError)

Messages are for the person who must act: they say what is wrong and what to do, and never hold
secrets or what a caller said.
"""

from __future__ import annotations

from dataclasses import dataclass


class CentralitaError(Exception):
    """Base of all errors raised on purpose. Commands print its message and exit with status 2."""


class ConfigError(CentralitaError, ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file people write."""

    file: str
    line: int
    message: str
    remedy: str
    severity: str = "error"  # or "warning"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}\n    {self.remedy}"


class FlowError(CentralitaError):
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class WireError(CentralitaError, ValueError):
    pass


class AudioError(CentralitaError, ValueError):
    pass


class EngineError(CentralitaError):
    pass


class ModelError(EngineError):
    pass


class VoiceError(EngineError):
    pass


class ActionError(CentralitaError):
    """An action failed. ``kind`` is one of timeout, refused, unreachable, invalid, not_found, fault.
    ``uncertain``: what was asked for may have been done all the same, such as where the answer got lost."""

    def __init__(self, kind: str, message: str, *, uncertain: bool = False) -> None:
        self.kind = kind
        self.uncertain = uncertain
        super().__init__(message)


class StoreError(CentralitaError):
    pass


class TicketError(CentralitaError):
    pass


class ScenarioError(CentralitaError, ValueError):
    pass


def where(error: BaseException) -> str:
    """The type of an error and where it was raised, without its message (which may hold what a caller
    said): for log lines about our own mistakes."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} in {code.co_name} ({code.co_filename}:{trace.tb_lineno})"
