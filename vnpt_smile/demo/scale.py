"""How much of the demo's world is made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """`months` closed before the running one; of each office and channel at most `outlets` outlets; None: all."""

    months: int = 12
    outlets: int | None = None


FULL = Scale()
SMALL = Scale(months=2, outlets=1)
