"""What-if figures, shared by all processes of a machine: one works them out, the others wait and say how far it is.

They are kept under a key made of all that they follow from, so that nothing has to be taken away when it grows old:
docs/decisions/0017-what-if-worked-out-once.md.
"""

import fcntl
import hashlib
import logging
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.results import kept, months
from audits.results.models import Period, PublishedVisit
from audits.results.whatif.rescored import Progress, Rescored, rescore

logger = logging.getLogger(__name__)

FORMAT = 1  # of what is kept: with another number a release does not read what an earlier one has kept
KEPT_FOR = 86_400  # seconds
STEP_LASTS = 60  # seconds that the word of how far it is counts: whoever gave it may have been killed
PAUSE = 0.5  # seconds between two looks at what somebody else works out


@dataclass(frozen=True)
class Asked:
    """Which what-if. `first` and `last` are months; `whole` is for a reader of visits (see `rescored`)."""

    version: ChecklistVersion
    first: date
    last: date
    length: int
    whole: bool

    @cached_property
    def key(self) -> str:
        """Whatever could change the figures changes it: content, months, closings, corrections, the tree, the reader.

        The version's public id tells databases apart that use one folder. One query, besides the outline's.
        """
        content = repr(outline(self.version))
        about = (FORMAT, scoring.RULES, self.version.public_id, content, self.first, self.last, self.whole)
        return "whatif:" + hashlib.sha256(repr((*about, kept.stamp())).encode()).hexdigest()

    @property
    def progress_key(self) -> str:
        return f"{self.key}:progress"

    @cached_property
    def visits(self) -> int:
        """How many published visits there are to score. One query."""
        of_checklist = PublishedVisit.objects.filter(block__checklist=self.version.checklist_id)
        return of_checklist.filter(block__period__month__range=(self.first, self.last)).count()


def asked_of(version: ChecklistVersion, length: int, *, whole: bool) -> Asked | None:
    """The what-if over the latest `length` closed months; None while no month has been closed. One query."""
    last = Period.objects.order_by("-month").values_list("month", flat=True).first()
    if last is None:
        return None
    return Asked(version, months.later(last, 1 - length), last, length, whole)


def found(asked: Asked) -> Rescored | None:
    """What has been worked out already, by whichever process."""
    there = _read(asked.key)
    return there if isinstance(there, Rescored) else None


def progress(asked: Asked) -> Progress | None:
    """How far somebody is who works it out at the moment."""
    step = _read(asked.progress_key)
    return step if isinstance(step, Progress) else None


def steps(asked: Asked) -> Iterator[Progress | Rescored]:
    """How far it is, and at last the figures. Who comes first works them out, and everybody else waits for those."""
    while (there := found(asked)) is None:
        with _turn(asked) as is_ours:
            if is_ours:
                there = found(asked) or (yield from _rescored(asked))
        if there is not None:
            break
        yield progress(asked) or Progress(0, asked.visits)
        time.sleep(PAUSE)
    yield there


def worked_out(asked: Asked) -> Rescored:
    """The figures, once they are there."""
    for step in steps(asked):
        if isinstance(step, Rescored):
            return step
    raise AssertionError  # the last step is the result


def _rescored(asked: Asked) -> Generator[Progress, None, Rescored]:
    try:
        for step in rescore(asked.version, asked.first, asked.last, whole=asked.whole):
            if isinstance(step, Rescored):
                _write(asked.key, step, KEPT_FOR)
                return step
            _write(asked.progress_key, step, STEP_LASTS)
            yield step
    finally:
        _forget(asked.progress_key)
    raise AssertionError  # the last step is the result


@contextmanager
def _turn(asked: Asked) -> Iterator[bool]:
    """Whether it is this one's turn to work it out. The lock goes with its process, however that ends."""
    name = f"{asked.version.public_id}-{asked.length}-{'visits' if asked.whole else 'blocks'}.lock"
    folder = Path(settings.CACHE_DIR)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / name).open("a")
    except OSError:  # without a folder to share, each works it out
        logger.warning("no lock in %s", folder, exc_info=True)
        yield True
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _cache() -> BaseCache:
    return caches["figures"]


def _read(key: str) -> object:
    try:
        return _cache().get(key)
    except Exception:  # whatever a damaged file does to the reader: it is worked out again
        logger.warning("kept figures cannot be read", exc_info=True)
        return None


def _write(key: str, value: object, seconds: int) -> None:
    """Keeps a value for so long. Where nothing can be kept, the figures are shown all the same."""
    try:
        _cache().set(key, value, seconds)
    except OSError:
        logger.warning("figures cannot be kept", exc_info=True)


def _forget(key: str) -> None:
    with suppress(OSError):
        _cache().delete(key)
