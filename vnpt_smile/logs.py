"""Log lines that cannot be forged."""

import logging

_BREAKS = {code: f"\\x{code:02x}" for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


class OneLine(logging.Formatter):
    """Writes a message on one line whatever it holds; a traceback keeps its own lines below."""

    def formatMessage(self, record):  # noqa: N802 - the name of the standard library
        return super().formatMessage(record).translate(_BREAKS)
