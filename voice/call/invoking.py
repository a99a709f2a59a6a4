"""Running a flow's action within its time limit; every way it can end becomes a value."""

from __future__ import annotations

import asyncio

from voice.call.services import Actions
from voice.clock import Clock
from voice.dialogue.seam import ActionDone, ActionFailed, Invoke
from voice.errors import ActionError
from voice.model import CallInfo


async def invoke(
    actions: Actions, clock: Clock, request: Invoke, call: CallInfo
) -> ActionDone | ActionFailed:
    """Answers at the latest ``request.timeout_ms`` of ``clock`` later; the action is then cancelled."""
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
        return ActionFailed(request.id, error.kind, str(error))
    except asyncio.CancelledError:
        if not late:
            raise
        task.uncancel()
        return ActionFailed(request.id, "timeout", f"no answer in {request.timeout_ms} ms")
    finally:
        timer.cancel()
