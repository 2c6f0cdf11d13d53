"""Chance that falls alike on every machine: dice are named, and the same name rolls the same numbers."""

from random import Random


def dice(name: str) -> Random:
    """Dice of that name. Nothing secret hangs on them."""
    return Random(name)  # noqa: S311
