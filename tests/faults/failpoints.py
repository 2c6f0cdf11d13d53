"""Named points at which a server process of the tests dies, or its disk is full. The product knows nothing of them.

`gunicorn_hooks` installs them in each worker of a server that was started with FAULT in its environment:
"point:file". The point acts while the file exists. A process that dies there removes the file first, so that
the one that takes its place serves.
"""

import errno
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

VARIABLE = "FAULT"


def install() -> None:
    """Puts the point that FAULT names into this process."""
    if VARIABLE in os.environ:
        point, _, file = os.environ[VARIABLE].partition(":")
        POINTS[point](Path(file))


def _die(armed: Path) -> None:
    try:
        armed.unlink()
    except FileNotFoundError:
        return  # not armed, or another thread dies already
    os._exit(77)


def _dies(armed: Path, *, before: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the process ends when the function is called, or when it has done its work."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if before:
                _die(armed)
            result = function(*args, **kwargs)
            _die(armed)
            return result

        return call

    return decorate


def _photo_written(armed: Path) -> None:
    """The bytes are in the file, under its passing name, and perhaps not on the disk."""
    os.fsync = _dies(armed, before=True)(os.fsync)


def _photo_renamed(armed: Path) -> None:
    """The picture has its name, its thumbnail is missing, the folder is not on the disk."""
    from audits import photos  # noqa: PLC0415 (settings are not ready when this file is read)

    photos._write = _dies(armed, before=False)(photos._write)


def _photo_stored(armed: Path) -> None:
    """Both files and the folders are on the disk, no row names them."""
    from audits import photos  # noqa: PLC0415 (settings are not ready when this file is read)

    photos.store = _dies(armed, before=False)(photos.store)


def _commit(armed: Path, *, before: bool) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: PLC0415 (as above)

    BaseDatabaseWrapper.commit = _dies(armed, before=before)(BaseDatabaseWrapper.commit)  # type: ignore[method-assign]


def _media_full(armed: Path) -> None:
    sync = os.fsync

    def full(descriptor: int) -> None:
        if armed.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    os.fsync = full


def _database_full(armed: Path) -> None:
    """SQLite's file may not grow: a limit below its size is taken as its size."""
    from django.db.backends.signals import connection_created  # noqa: PLC0415 (as above)

    def limit(connection: Any, **_: Any) -> None:
        if armed.exists():
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA max_page_count = 1")

    connection_created.connect(limit, weak=False)


POINTS: dict[str, Callable[[Path], None]] = {
    "photo-written": _photo_written,
    "photo-renamed": _photo_renamed,
    "photo-stored": _photo_stored,
    "before-commit": lambda armed: _commit(armed, before=True),
    "after-commit": lambda armed: _commit(armed, before=False),
    "media-full": _media_full,
    "database-full": _database_full,
}
