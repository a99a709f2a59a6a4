"""How a dialogue stands, to put it back there: a turn may turn out to have been half of one. Pure."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)


def checkpoint(dialogue: object, shared: Iterable[object]) -> Callable[[], None] | None:
    """Keeps all that ``dialogue`` knows, but for what is ``shared`` with other calls or never changes. What
    is returned puts it back, once. None when something that it knows cannot be copied."""
    try:
        kept = copy.deepcopy(vars(dialogue), {id(one): one for one in (dialogue, *shared)})
    except Exception as error:  # noqa: BLE001 - what a business's action returned may refuse in any way
        log.debug("a turn cannot be taken back: %s", type(error).__name__)
        return None

    def restore() -> None:
        vars(dialogue).clear()
        vars(dialogue).update(kept)

    return restore
