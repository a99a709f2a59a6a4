"""Running a flow's action within its time limit; every way it can end becomes a value."""

from __future__ import annotations

import asyncio
import logging

from voice.call.services import Actions
from voice.clock import Clock
from voice.dialogue.seam import ActionDone, ActionFailed, Invoke
from voice.errors import ActionError
from voice.events import ActionFinished
from voice.model import CallInfo

log = logging.getLogger(__name__)


def action_finished(request: Invoke, answer: ActionDone | ActionFailed, ms: int) -> ActionFinished:
    """For the log."""
    if isinstance(answer, ActionFailed):
        return ActionFinished(request.id, request.name, False, ms, answer.kind, answer.uncertain)
    return ActionFinished(request.id, request.name, True, ms)


async def invoke(
    actions: Actions, clock: Clock, request: Invoke, call: CallInfo
) -> ActionDone | ActionFailed:
    """Answers at the latest ``request.timeout_ms`` of ``clock`` later; the action is then cancelled. Why it
    failed is for the log: its author's mistakes are named there (a field that is missing, a status)."""
    task = asyncio.current_task()
    assert task is not None
    late = False

    def give_up() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = clock.call_at(clock.now_ms() + request.timeout_ms, give_up)
    try:
        return ActionDone(request.id, await actions.run(request, call))
    except ActionError as error:
        if error.kind != "not_found":  # that is an answer
            log.warning("call %s: %s (%s)", call.call_id, error, error.kind)
        return ActionFailed(request.id, error.kind, str(error), error.uncertain)
    except asyncio.CancelledError:
        if not late:
            raise
        task.uncancel()
        why = f"no answer in {request.timeout_ms} ms"
        log.warning("call %s: action %s: %s (timeout)", call.call_id, request.name, why)
        return ActionFailed(request.id, "timeout", why, uncertain=True)
    finally:
        timer.cancel()
