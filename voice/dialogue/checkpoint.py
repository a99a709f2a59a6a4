"""How a dialogue stands, to put it back there: a turn may turn out to have been half of one. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable


def checkpoint(dialogue: object, shared: Iterable[object]) -> Callable[[], None]:
    """Keeps all that ``dialogue`` knows, but for what is ``shared`` with other calls or never changes. What
    is returned puts it back, once."""
    kept = copy.deepcopy(vars(dialogue), {id(one): one for one in (dialogue, *shared)})

    def restore() -> None:
        vars(dialogue).clear()
        vars(dialogue).update(kept)

    return restore
