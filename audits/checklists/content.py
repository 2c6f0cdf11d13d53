"""The content of a version as plain data, as the default checklists are shipped. Reads files; writes nothing.

A checklist is a mapping with code, channel, names, methods and `sections`; a section has code, names and
`criteria`; a criterion has the columns of `Criterion`, its theme by code, and where its kind needs them
`options` (code, label_vi, label_en, result) or `thresholds` (upper or null, result). What is left out has the
column's default.
"""

import json
from pathlib import Path
from typing import Any

Content = dict[str, Any]

_FOLDER = Path(__file__).parent / "defaults"
_CHANNELS = ("counter", "hotline", "technician", "sales")


def default_themes() -> list[Content]:
    """The themes of the default checklists, in their order: code, name_vi, name_en."""
    return _read("themes")


def default_checklists() -> list[Content]:
    """The four default checklists, counter first."""
    return [_read(channel) for channel in _CHANNELS]


def _read(name: str) -> Any:
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
