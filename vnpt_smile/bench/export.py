"""What taking the figures of the whole country along costs: time and memory of its files, and printing a scorecard."""

import os
import re
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.staticfiles import finders
from django.test import override_settings
from django.utils import timezone

from audits.models import Export, Period
from audits.results import scorecard
from audits.results.exports import actions as exports
from audits.results.exports import making
from audits.results.exports.rows import Wanted
from audits.results.months import SpanKind
from outlets.people.permissions import Scope
from vnpt_smile.bench import country
from vnpt_smile.bench.measuring import Amount, Beside, client_of, peak

SECONDS_BAR, MEMORY_BAR, PRINT_BAR = 15, 200, 2
PRINTS = 5


@dataclass(frozen=True)
class Taken:
    """What one file took; `computing` is the processor's time of it."""

    rows: int
    seconds: float
    computing: float
    megabytes: float
    size: float


def figures() -> Iterator[Amount]:
    """All outlets of the country in use, month by month over a year, as each kind of file; then a scorecard printed."""
    for form in (Export.Format.XLSX, Export.Format.CSV):
        taken = Beside(partial(_take, form)).result()
        what = f"{form} of {taken.rows:,} rows, {taken.size:.1f} MB ({taken.computing:.1f} s of computing)"
        yield Amount(what, taken.seconds, "s", SECONDS_BAR)
        yield Amount(f"memory that the {form} needs more", taken.megabytes, "MB", MEMORY_BAR)
        yield Amount(f"rows of the {form} a second", taken.rows / taken.seconds, "rows", 0, is_least=True)
    if (printed := _printed()) is not None:
        yield Amount("printing the group scorecard, the median", printed, "s", PRINT_BAR)


def _take(form: Export.Format) -> Taken:
    unit, everything = country.cards()["group"].unit, Scope(is_everything=True)
    month = Period.objects.latest("month").month
    card = scorecard.read(unit, month, top=unit, kind=SpanKind.TWELVE, scope=everything)
    wanted = Wanted(card, everything, Export.Of.OUTLETS, by_month=True)
    before, begun, computed = peak(), time.perf_counter(), time.process_time()
    export = exports.begin(
        unit=unit,
        of=wanted.of,
        form=form,
        span=card.span,
        tree=card.tree,
        by=country.reader(),
        at=timezone.now(),
        by_month=True,
    )
    with TemporaryDirectory(prefix="smile-bench-") as folder, override_settings(MEDIA_ROOT=folder):
        path = _last(making.make(export, wanted, at=timezone.now()))
        seconds, computing = time.perf_counter() - begun, time.process_time() - computed
        size = path.stat().st_size / 1e6
    export.refresh_from_db()
    return Taken(export.rows or 0, seconds, computing, peak() - before, size)


def _last(steps: Iterator[object]) -> Path:
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def _printed() -> float | None:
    """Seconds that Chromium takes to make a PDF of the group's scorecard; None where it or Playwright is missing."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - in requirements-dev.txt only
    except ImportError:
        return None
    if not program:
        return None
    html = client_of(country.reader()).get(country.cards()["group"].address).content.decode()
    html = re.sub(r"/static/([^\"#]+)", lambda found: f"file://{finders.find(found[1])}", html)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with TemporaryDirectory(prefix="smile-bench-") as folder, sync_playwright() as playwright:
        file = Path(folder) / "card.htm"
        file.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        page = browser.new_page()
        page.goto(file.as_uri())
        taken = []
        for _turn in range(PRINTS):
            begun = time.perf_counter()
            page.pdf(prefer_css_page_size=True)
            taken.append(time.perf_counter() - begun)
        browser.close()
    return statistics.median(taken)
