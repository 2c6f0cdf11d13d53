"""Log lines that cannot be forged, and that hold no key to anything."""

import logging
import re

_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_UNSEEN |= {code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
# The part of a one-time link that opens it.
_KEY_OF_LINK = re.compile(r"(/password/set/[^/\s]+/)[^/\s\"']+")


class OneLine(logging.Formatter):
    """Writes a message on one line whatever it holds.

    A traceback keeps its lines, each set in, so that none passes for a message.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _KEY_OF_LINK.sub(r"\1…", super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the standard library
        return super().formatMessage(record).translate(_UNSEEN)

    def formatException(self, ei) -> str:  # noqa: N802 - the name of the standard library
        return _set_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name of the standard library
        return _set_in(super().formatStack(stack_info))


def _set_in(lines: str) -> str:
    return "\n".join(f"    | {line.translate(_UNSEEN)}" for line in lines.split("\n"))
