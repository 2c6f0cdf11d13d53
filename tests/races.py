"""Acts of several people at the same instant, again and again."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

# In every run a fifth of what shows that a race is lost by nobody; TIMES=5 in the environment makes it whole.
TIMES = int(os.environ.get("TIMES", "1"))


def rounds(
    number: int,
    acts: list[Callable[[], object]],
    settle: Callable[[list[object]], None],
    refusals: tuple[type[Exception], ...] = (),
) -> None:
    """Lets each act run in a thread of its own, all from the same moment on, `number` times.

    `settle` gets what they returned, or which of `refusals` they met, and puts everything back for the next round.
    """
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(timeout=20)
        try:
            return act()
        except refusals as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as threads:
        for _ in range(number):
            settle(list(threads.map(run, acts)))
        closing = Barrier(len(acts))
        list(threads.map(lambda _act: (closing.wait(timeout=20), connection.close()), acts))
