"""Makes the file of an export step by step, so that a page can say how far it is and its reader can stop it."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.utils import timezone

from audits.results import wording
from audits.results.exports import actions as exports
from audits.results.exports import rows as source
from audits.results.exports.columns import Cells, columns
from audits.results.exports.explanation import Counted, explanation
from audits.results.exports.rows import Wanted
from audits.results.exports.writers import Text, Workbook
from audits.results.kept import stamp
from audits.results.models import Export
from outlets import text

FOLDER = "exports"  # below MEDIA_ROOT
KEPT_FOR = timedelta(hours=1)  # a file that was not fetched


class Stopped(Exception):
    """It was cancelled meanwhile."""


class Changed(Exception):
    """Figures changed while they were written: some of them would be older than the others."""


@dataclass(frozen=True)
class Progress:
    """How many of the units have been written."""

    done: int
    total: int


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def path_of(export: Export) -> Path:
    """Where its file is until it has been fetched, or KEPT_FOR is over."""
    return folder() / f"{export.public_id}.{export.format}"


def file_name(wanted: Wanted, form: str) -> str:
    parts = (wanted.card.name, str(wanted.of.label), wording.span_label(wanted.span))
    return f"{'-'.join(map(text.slug, parts))}.{form}"


def make(export: Export, wanted: Wanted, *, at: datetime) -> Generator[Progress, None, Path]:
    """Yields how far it is and returns the whole file. Raises Stopped, Changed; both leave no file.

    Closed before its end, because the reader has gone, it counts as cancelled.
    """
    folder().mkdir(parents=True, exist_ok=True)
    sweep(at=at)
    try:
        with TemporaryDirectory(prefix=".", dir=folder()) as work:
            path = Path(work) / f"figures.{export.format}"
            counted = yield from _write(export, wanted, path)
            path.replace(path_of(export))
        if not exports.finish(export=export, rows=counted.rows, at=timezone.now()):
            path_of(export).unlink(missing_ok=True)
            raise Stopped
    except GeneratorExit:
        exports.cancel(export=export, at=timezone.now())
        raise
    except Exception:
        exports.fail(export=export, at=timezone.now())
        raise
    return path_of(export)


def _write(export: Export, wanted: Wanted, path: Path) -> Generator[Progress, None, Counted]:
    before = stamp()
    heads = columns(by_month=wanted.by_month)
    told = without = 0
    writer = Workbook if export.format == Export.Format.XLSX else Text
    with writer(path, heads, Cells(wording.span_label(wanted.span), by_month=wanted.by_month)) as out:
        for step in source.steps(wanted):
            if not Export.objects.filter(pk=export.pk, state=Export.State.BEGUN).exists():
                raise Stopped
            told += sum(row.checklist is not None for row in step.rows)
            without += sum(row.checklist is None for row in step.rows)
            out.write(step.rows)
            yield Progress(step.done, step.total)
        counted = Counted(told, without)
        out.finish(explanation(wanted, heads, counted, by=export.made_by.shown_name, at=export.begun_at))
    if stamp() != before:
        raise Changed
    return counted


def sweep(*, at: datetime) -> int:
    """Deletes files that nobody fetched in time, and what broken-off work left; their number."""
    old = [file for file in folder().glob("*") if file.stat().st_mtime < (at - KEPT_FOR).timestamp()]
    for file in old:
        if file.is_dir():
            for part in file.iterdir():
                part.unlink(missing_ok=True)
            file.rmdir()
        else:
            file.unlink(missing_ok=True)
    return len(old)
