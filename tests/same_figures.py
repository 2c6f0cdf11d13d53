"""Where the figures of a unit stand: on its pages, in both files, for a program and where they are explained.

`told` is what the programs' address answers of a scorecard; all else is held against it, to the one decimal that
people read. What is explained to four decimals must add up besides.
"""

import csv
import html
import io
import re
from math import sqrt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from audits.fieldwork.models import Submission
from audits.results.explain import explained as steps_of
from audits.results.scorecard import Scorecard
from audits.results.views import BELOW
from outlets.listing import PER_PAGE
from outlets.models import Unit, User
from outlets.people import tokens
from tests import worlds

TAG = re.compile(r"<[^>]*>")
NUMBER = re.compile(r"[−+]?\d+(?:\.\d{3})*(?:,\d+)?")
RANGE = ("score", "low", "high")
CHANGES = ("change", "change_low", "change_high")
GROUP = ("group", "group_low", "group_high")
OUTCOMES = ("met", "partly", "not_met", "not_applicable")
WHOLE = 1_000_000  # 100 %, to four decimals


def program_of(user: User, patch: pytest.MonkeyPatch) -> Client:
    """A program with the user's token, which may ask as often as it likes."""
    patch.setattr("audits.results.exports.api.AT_MOST", 10**6)
    key = tokens.make(user=user, name="BI", at=worlds.NOW)
    return Client(headers={"authorization": f"Bearer {key}"})


# --- Asking ---------------------------------------------------------------------------------------


def address(name: str, unit: Unit, query: dict[str, str]) -> str:
    return reverse(f"audits:{name}", args=[unit.public_id], query=query)


def text(client: Client, name: str, unit: Unit, query: dict[str, str]) -> str:
    return client.get(address(name, unit, query)).content.decode()


def taken(client: Client, unit: Unit, query: dict[str, str], **given: str) -> bytes:
    """A file of the units below, or of what is `given` otherwise."""
    form = {"of": "units", "months": "span", "format": "xlsx"} | given
    answer = client.post(address("export_create", unit, query), form)
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


# --- Reading --------------------------------------------------------------------------------------


def plain(part: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", part)).split())


def lines(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


def tables_of(body: bytes) -> list[list[list[str]]]:
    """The tables of a scorecard's file, which stand below each other with an empty line between."""
    found: list[list[list[str]]] = [[]]
    for line in lines(body):
        if line:
            found[-1].append(line)
        else:
            found.append([])
    return found


def sheet_of(body: bytes) -> list[tuple]:
    return list(load_workbook(io.BytesIO(body), read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True))


def channels_of(page: str) -> dict[str, list[str]]:
    """Of each channel's card, by its name: score, range, visits, change if there is one, and what numbers follow."""
    found = {}
    for card in re.findall(r'<li class="channel.*?</li>', page, re.DOTALL):
        name = plain(re.search(r"<h2>(.*?)</h2>", card, re.DOTALL)[1])
        found[name] = NUMBER.findall(plain(re.sub(r"<h2>.*?</h2>|<svg.*?</svg>", "", card, flags=re.DOTALL)))
    return found


def cells_of(row: str) -> list[str]:
    return [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]


def head_of(row: str) -> str:
    return plain(re.search(r"<th[^>]*>(.*?)</th>", row, re.DOTALL)[1])


def section_of(page: str, heading: str) -> str:
    """What stands under a heading, up to the end of its section."""
    begin = page.find(f'<section class="panel" aria-labelledby="{heading}"')
    if begin < 0:
        begin = page.index(f'<section class="panel span-2" aria-labelledby="{heading}"')
    return page[begin : page.index("</section>", begin)]


def table_of(part: str) -> tuple[list[str], str]:
    """The rows of the first table of a part of a page, and the table's last line apart, if it has one."""
    table = part[part.index("<table") :]
    body, _end, foot = table[table.index("<tbody>") : table.index("</table>")].partition("</tbody>")
    return re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL), foot


def rows_of(page: str, heading: str) -> list[str]:
    """The rows of the table that stands under a heading."""
    return table_of(page[page.index(f'aria-labelledby="{heading}"') :])[0]


def unit_of(part: str) -> str:
    """The public id of the unit whose scorecard is linked first."""
    return re.search(r"/results/([0-9a-f-]{36})/", part)[1]


def children_of(table: str) -> dict[str, list[str]]:
    """Of each unit below in a table that begins with the unit, by its public id, all other cells."""
    return {unit_of(row): cells_of(row) for row in table_of(table)[0]}


# --- Figures as they are written ------------------------------------------------------------------


def vietnamese(figure: float | None) -> str:
    """A figure as pages and text files write it."""
    return "" if figure is None else f"{figure:.1f}".replace(".", ",")


def signed(difference: float) -> str:
    """A difference as pages write it."""
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    return sign + vietnamese(abs(difference))


def counted(number: int) -> str:
    """A number of visits as pages write it."""
    return f"{number:,}".replace(",", ".")


def figures(row: dict, *names: str) -> list[str]:
    return [vietnamese(row[name]) for name in names]


def ranged(row: dict) -> str:
    score, low, high = figures(row, *RANGE)
    return f"{score} {low}–{high}"


def of_group(row: dict) -> list[str]:
    """The group's figure as text files write it: score, range, visits."""
    return [*figures(row, *GROUP), str(row["group_visits"] or "")]


def shown_group(row: dict) -> str:
    """The same as pages write it below each other, or a dash."""
    score, low, high = figures(row, *GROUP)
    return f"{score} {low}–{high}; {counted(row['group_visits'])} lượt" if score else "–"


def exact(written: str) -> int:
    """A figure of four decimals in ten-thousandths."""
    return int(written.replace(".", "").replace(",", "").replace("−", "-"))


def rounded(stored: int) -> float:
    """The same as people read it, half away from zero."""
    tenths = (abs(stored) + 500) // 1000 / 10
    return -tenths if stored < 0 else tenths


def label_of(grade: str | None) -> str:
    with translation.override("vi"):
        return str(Submission.Grade(grade).label) if grade else ""


# --- Holding against each other -------------------------------------------------------------------


def written_headlines(told: dict, rows: list[list[str]]) -> None:
    for headline, row in zip(told["headlines"], rows, strict=True):
        figure = [*figures(headline, *RANGE), str(headline["visits"] or ""), label_of(headline["grade"])]
        assert row[:6] == [headline["checklist_name"], *figure]
        assert row[6:9] == figures(headline, *CHANGES)
        failures = "" if headline["failures"] is None else str(headline["failures"])
        assert row[10:] == [*of_group(headline), failures]


def same_headlines(page: str, told: dict) -> int:
    """Of all channels on a page; how many have a score."""
    shown, seen = channels_of(page), 0
    assert list(shown) == [each["checklist_name"] for each in told["headlines"]]
    for headline in told["headlines"]:
        if headline["score"] is not None:
            seen += 1
            card = [*figures(headline, *RANGE), counted(headline["visits"])]
            card += [] if headline["change"] is None else [signed(headline["change"])]
            found = shown[headline["checklist_name"]]
            assert found[: len(card)] == card
            held = [] if headline["group"] is None else [*figures(headline, *GROUP), counted(headline["group_visits"])]
            places = range(len(card), len(found) - len(held) + 1)
            assert any(found[place : place + len(held)] == held for place in places)
    return seen


def same_detail(page: str, told: dict) -> None:
    """All that stands below the headlines on a page: trend, sections, themes, criteria, units below."""
    detail, headline = told["detail"], headline_of(told)
    shown_trend(page, detail["trend"])
    shown_parts(section_of(page, "sections"), detail["sections"])
    held = [shown_group(headline)] if headline["group"] is not None else []
    begin, missing = [ranged(headline), counted(headline["visits"])], vietnamese(100 - headline["score"])
    for part in ("sections", "themes"):
        foot = cells_of(table_of(section_of(page, part))[1])
        is_held = any(row["group"] is not None for row in detail["sections"])  # the top is held against nothing
        assert foot == [*begin, *(held if is_held else ()), missing]
    shown_parts(section_of(page, "themes"), detail["themes"])
    shown_criteria(page, detail["criteria"])
    if headline["change"] is not None:
        say = plain(re.search(r'<p class="say">(.*?)</p>', section_of(page, "trend"), re.DOTALL)[1])
        found = NUMBER.findall(say)
        assert [found[0], *found[-2:]] == [signed(headline[name]) for name in CHANGES]
    if headline["failures"]:
        chapter = re.search(r'<div class="chapter.*?</div>', page, re.DOTALL)[0].partition("</h2>")[2]
        assert NUMBER.findall(plain(chapter))[0] == counted(headline["failures"])
    shown_below(page, detail["units"])


def same_file(told: dict, file: list[list[list[str]]]) -> None:
    """The whole file of a scorecard, table by table; what is lost adds up to what is missing to 100."""
    written_headlines(told, file[1][1:])
    if told["detail"] is None:
        return
    detail, headline = told["detail"], headline_of(told)
    of_trend, of_sections, of_themes, of_criteria = file[2:6]
    for point, line in zip(detail["trend"], of_trend[2:], strict=True):
        version = str(point["version"] or "")
        assert line[:10] == [
            month_of(point),
            *figures(point, *RANGE),
            str(point["visits"] or ""),
            *of_group(point),
            version,
        ]
    for part, line in zip([*detail["sections"], *detail["themes"]], of_sections[1:-1] + of_themes[1:-1], strict=True):
        figure = [*figures(part, *RANGE), str(part["visits"] or "")]
        assert line == [part["name"], *figure, *of_group(part), vietnamese(part["lost"])]
    missing = vietnamese(100 - headline["score"])
    whole = [*figures(headline, *RANGE), str(headline["visits"])]
    for rows in (of_sections, of_themes):
        assert rows[-1][1:] == [*whole, *of_group(headline), missing]
    for rows in (detail["sections"], detail["themes"], detail["criteria"]):
        assert vietnamese(sum(row["lost"] or 0 for row in rows)) == missing
    for row, line in zip(detail["criteria"], of_criteria[1:], strict=True):
        counts = ["" if row[name] is None else str(row[name]) for name in OUTCOMES]
        assert [line[0], *line[2:]] == [row["text"], *counts, vietnamese(row["lost"])]
    for child, line in zip(detail["units"], file[6][1:] if len(file) > 6 else [], strict=True):
        assert line[:6] == [child["name"], child["code"], *figures(child, *RANGE), str(child["visits"] or "")]
        assert line[6:9] == figures(child, *CHANGES)


def headline_of(told: dict) -> dict:
    """The headline of the checklist that is shown in detail."""
    return next(each for each in told["headlines"] if each["checklist"] == told["detail"]["checklist"])


def month_of(point: dict) -> str:
    return "/".join(reversed(point["month"].split("-")))


def shown_trend(page: str, told: list[dict]) -> None:
    for point, row in zip(told, table_of(section_of(page, "trend"))[0], strict=True):
        score, low, high = figures(point, *RANGE)
        shown = [score, f"{low}–{high}", counted(point["visits"])] if score else ["–"] * 3
        cells = cells_of(row)
        assert [head_of(row), *cells[:3]] == [month_of(point), *shown]
        if point["group"] is not None:
            group, rest = shown_group(point).split(" ", 1)
            assert cells[3] == f"{group} ({rest})"


def shown_parts(section: str, told: list[dict]) -> None:
    for part, row in zip(told, table_of(section)[0], strict=True):
        score, visits = (ranged(part), counted(part["visits"])) if part["score"] is not None else ("–", "–")
        group, lost = shown_group(part), vietnamese(part["lost"]) or "–"
        cells = cells_of(row)
        assert head_of(row).startswith(part["name"])
        assert cells in ([score, visits, group, lost], [score, visits, lost])
        assert len(cells) == 4 or part["group"] is None  # the top is held against nothing


def shown_criteria(page: str, told: list[dict]) -> None:
    """Each criterion that costs something, with how often it was met, and each that goes well with its share."""
    improve = {
        name: (NUMBER.findall(small.partition(" · ")[2]), NUMBER.findall(lost)[0])
        for name, (small, lost) in ranked(section_of(page, "improve")).items()
    }
    assert improve == {row["text"]: (outcomes(row), vietnamese(row["lost"])) for row in told if row["lost"]}
    by_text = {row["text"]: row for row in told}
    for name, (small, share) in ranked(section_of(page, "well")).items():
        row = by_text[name]
        visits = row["met"] + row["partly"] + row["not_met"]
        assert NUMBER.findall(small.partition(" · ")[2]) == [counted(row["met"]), counted(visits)]
        assert share == f"{(200 * row['met'] + visits) // (2 * visits)}%"


def outcomes(row: dict) -> list[str]:
    """How often it was met and so on, as the page says it: without what never was, but for met and not met."""
    if row["code"] is None:
        return []
    told = [row["met"], row["partly"] or None, row["not_met"], row["not_applicable"] or None]
    return [counted(each) for each in told if each is not None]


def ranked(section: str) -> dict[str, tuple[str, str]]:
    """Of each criterion in a list, by its text: what stands in small below it, and its figure."""
    found = {}
    for item in re.findall(r"<li>(.*?)</li>", section, re.DOTALL):
        name = plain(re.search(r'<span class="strong">(.*?)</span>', item, re.DOTALL)[1])
        below, _end, figure = item.partition("</div>")
        small = re.search(r'<span class="small quiet">(.*)</span>', below, re.DOTALL)[1]
        found[name] = (plain(small.partition("<a ")[0]).removesuffix(" ·"), plain(figure))
    return found


def shown_below(page: str, told: list[dict]) -> None:
    """The units below on their unit's own page, where the first of many stand."""
    if not told:
        assert 'id="below"' not in page
        return
    shown, by_id = children_of(section_of(page, "below")), {child["id"]: child for child in told}
    assert len(shown) == min(BELOW, sum(child["score"] is not None for child in told))
    for key, cells in shown.items():
        same_child(by_id[key], cells)


def same_child(child: dict, cells: list[str]) -> None:
    """A unit below in a table: score and range, visits, change and its range."""
    if child["score"] is None:
        assert cells[0] == "–"
        return
    assert cells[:2] == [ranged(child), counted(child["visits"])]
    change = [] if child["change"] is None else [signed(child[name]) for name in CHANGES]
    assert NUMBER.findall(cells[2]) == change


def same_comparison(client: Client, unit: Unit, query: dict[str, str], told: dict) -> None:
    """The pages that hold the units below against each other; without those that have no outlet of the channel."""
    by_id, shown = {child["id"]: child for child in told["detail"]["units"]}, {}
    for number in range(1, -(-len(by_id) // PER_PAGE) + 1):
        page = text(client, "scorecard_units", unit, query | {"page": str(number)})
        shown |= children_of(page[page.index('<table class="data kids">') :])
    assert {key for key, child in by_id.items() if child["score"] is not None} <= shown.keys() <= by_id.keys()
    for key, cells in shown.items():
        same_child(by_id[key], cells)
        failures = by_id[key]["failures"]
        assert cells[4] == ("–" if failures is None else counted(failures))


def same_rows(told: list[dict], body: bytes, workbook: bytes, on_card: dict | None) -> int:
    """The rows below a unit for a program, in both files, and on its card; how many of them are on the card."""
    written, sheet, seen = lines(body)[1:], sheet_of(workbook), 0
    for row, line, cells in zip(told, written, sheet, strict=True):
        names = ["visits", *RANGE]
        assert [row["code"], *(row[name] for name in names)] == [cells[1], *cells[5:9]]
        assert [*(row[name] for name in CHANGES), row["failures"]] == [*cells[10:13], cells[14]]
        visits, failures = ("" if row[name] is None else str(row[name]) for name in ("visits", "failures"))
        assert [line[1], *line[5:9]] == [row["code"], visits, *figures(row, *RANGE)]
        assert line[9] == (cells[9] or "") == label_of(row["grade"])
        assert [*line[10:13], line[14]] == [*figures(row, *CHANGES), failures]
        if on_card and row["checklist"] == on_card["checklist"]:
            seen += 1
            child = next(each for each in on_card["units"] if each["code"] == row["code"])
            kept = (*RANGE, *CHANGES, "change_is_clear", "failures")
            assert {name: child[name] for name in kept} == {name: row[name] for name in kept}
            assert child["visits"] == (row["visits"] or 0)
    return seen


def explained(page: str, told: dict) -> None:
    """The page that explains a figure: its sums add up to four decimals and give the figures to one."""
    headline, detail = headline_of(told), told["detail"]
    assert vietnamese(headline["score"]) in plain(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1])
    mean, total = explained_months(page, headline, detail)
    missing = WHOLE - mean
    if 'aria-labelledby="units"' in page:
        rows, foot = table_of(section_of(page, "units"))
        cells = [cells_of(row) for row in rows]
        assert sum(exact(row[1]) for row in cells) == exact(cells_of(foot)[1]) == total
        below = {child["name"]: child for child in detail["units"] if child["visits"]}
        for row, (visits, of_unit, mean_of_unit) in zip(rows, cells, strict=True):
            if child := below.get(head_of(row)):
                assert visits == counted(child["visits"])
                assert rounded(exact(mean_of_unit)) == child["score"]
                assert exact(mean_of_unit) == divided(exact(of_unit), child["visits"])
    rows, foot = table_of(section_of(page, "criteria"))
    cells = [cells_of(row) for row in rows]
    assert sum(exact(row[5]) for row in cells) == exact(cells_of(foot)[5]) == WHOLE * headline["visits"] - total
    assert sum(exact(row[6]) for row in cells) == exact(cells_of(foot)[6]) == missing
    for row, of_row in zip(detail["criteria"], cells, strict=True):
        assert of_row[1:5] == ["–" if row[name] is None else counted(row[name]) for name in OUTCOMES]
        assert abs(exact(of_row[6]) - row["lost"] * 10_000) < 1_000  # largest remainders, of tenths there
    explained_parts(page, detail)
    explained_range(section_of(page, "range"), mean, headline)
    given = re.search(r"<b>(.*?):", section_of(page, "grade"))[1]
    assert plain(given) == label_of(headline["grade"])


def explained_range(section: str, mean: int, headline: dict) -> None:
    """Mean -+ half is the range where nothing cuts it, and half is t x deviation / root of n, as written."""
    written = [exact(each) for each in re.findall(r"−?\d+,\d{4}", section)]
    shown_mean, half, low, high, again, t, deviation = written[:7]
    assert (shown_mean, half) == (mean, again)
    assert abs(t * deviation / 10_000 / sqrt(headline["visits"]) - half) < 10 + half / 1_000  # of rounded factors
    assert abs(max(mean - half, 0) - low) <= 1 and abs(min(mean + half, WHOLE) - high) <= 1
    assert [rounded(low), rounded(high)] == [headline["low"], headline["high"]]
    if headline["change"] is not None:
        assert [rounded(each) for each in written[-3:]] == [headline[name] for name in CHANGES]


def steps_add_up(card: Scorecard, told: dict) -> None:
    """The same steps where no page is drawn."""
    headline, found = headline_of(told), steps_of(card, card.detail)
    assert found.mean == divided(found.total, headline["visits"])
    assert [rounded(each) for each in (found.mean, found.range.low, found.range.high)] == [
        headline[name] for name in RANGE
    ]
    assert sum(step.total for step in found.months) == found.total
    assert sum(step.visits for step in found.months) == found.visits == headline["visits"]
    assert sum(step.lost for step in found.losses) == found.lost
    assert sum(step.share for step in found.losses) == found.missing
    assert [rounded(divided(part.total, part.visits)) for part in found.sections + found.themes] == [
        part["score"] for part in told["detail"]["sections"] + told["detail"]["themes"] if part["visits"]
    ]


def explained_months(page: str, headline: dict, detail: dict) -> tuple[int, int]:
    """The mean and the sum of percentages, in ten-thousandths."""
    rows, foot = table_of(section_of(page, "months"))
    months = {head_of(row): cells_of(row) for row in rows}
    visits, total, mean, ends = cells_of(foot)[2:]
    assert sum(exact(row[3]) for row in months.values()) == exact(total)
    assert sum(int(row[2].replace(".", "")) for row in months.values()) == headline["visits"]
    assert visits == counted(headline["visits"])
    assert exact(mean) == divided(exact(total), headline["visits"])
    assert rounded(exact(mean)) == headline["score"]
    assert ends_of(ends) == [headline["low"], headline["high"]]
    points = {month_of(point): point for point in detail["trend"]}
    for month, row in months.items():
        assert row[2] == counted(points[month]["visits"])
        assert rounded(exact(row[4])) == points[month]["score"]
        assert ends_of(row[5]) == [points[month]["low"], points[month]["high"]]
    return exact(mean), exact(total)


def explained_parts(page: str, detail: dict) -> None:
    for name in ("sections", "themes"):
        parts = [part for part in detail[name] if part["visits"]]
        if not parts:
            assert f'id="{name}"' not in page
            continue
        for part, row in zip(parts, table_of(section_of(page, name))[0], strict=True):
            visits, total, percent, ends = cells_of(row)
            assert ends_of(ends) == [part["low"], part["high"]]
            assert (head_of(row), visits) == (part["name"], counted(part["visits"]))
            assert exact(percent) == divided(exact(total), part["visits"])
            assert rounded(exact(percent)) == part["score"]


def ends_of(written: str) -> list[float]:
    """A range of four decimals as people read it."""
    return [rounded(exact(end)) for end in written.split("–")]


def divided(total: int, visits: int) -> int:
    """Half up."""
    return (2 * total + visits) // (2 * visits)
