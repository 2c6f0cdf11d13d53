"""Pages, files, answers to programs and reports tell no more than the cells that the other attack reads.

None of them is made from visits, none tells that visits wait, and no combination of what a program is told singles
a visit or a shopper out.
"""

import io
import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.models import Period, UnitCriterionScore, UnitScore
from audits.results import closing, figures, folding, kept
from audits.results.exports import api
from outlets.people import tokens
from tests import published, worlds
from tests.attacks import asked_checklist, checklist, equations, random_block, told, visits_of
from tests.pages import essence

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # as test_attack.py

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture
def asked(at):
    return outline(ChecklistVersion.objects.select_related("checklist").get(checklist=checklist()))


def answer_cells(key, unit):
    """What an answer to a program says exactly: its percentages are rounded, so that they tell less than the page's."""
    address = reverse("audits:api_scorecard", args=[unit.public_id], query={"span": "month", "month": "2026-10"})
    told_of = Client().get(address, headers={"authorization": f"Bearer {key}"}).json()
    (headline,) = told_of["headlines"]
    found = {"visits": headline["visits"], "critical": headline["failures"]}
    for row in told_of["detail"]["criteria"]:
        for name in ("met", "partly", "not_met", "not_applicable"):
            found[f"{row['code']} {name}"] = row[name] or 0
    return found


@pytest.mark.parametrize("seed", range(3))
def test_nor_does_any_combination_of_what_a_program_is_told(seed, asked, at, monkeypatch):
    monkeypatch.setattr(api, "AT_MOST", 10**6)
    rng, rule = random.Random(2000 + seed), closing.rule()
    words, shoppers = random_block(rng, rule)
    people = worlds.people(at)
    key = tokens.make(user=people.outlethead, name="BI", at=worlds.NOW)
    for number, who in enumerate([people.shopper, people.shopper, people.shopper2]):
        published.approved(at.counter, who, OCTOBER + timedelta(days=number), "yyyyy", of=asked_checklist())
    published.closed(OCTOBER)
    period = Period.objects.get()

    def read_cells(answers):
        UnitScore.objects.all().delete()
        UnitCriterionScore.objects.all().delete()
        figures.write(
            period, {(at.counter.pk, asked_checklist().pk): folding.of_block(visits_of(asked, answers, shoppers), rule)}
        )
        return answer_cells(key, at.counter.unit)

    matrix, visit_of = equations(read_cells, words, rng)
    assert told(matrix, visit_of, shoppers, rule) == []


OF_VISITS = (
    "audits_visit",
    "audits_answer",
    "audits_submission",
    "audits_publishedvisit",
    "audits_photo",
    "audits_block",
)
OF_THE_OFFICE = ("audits_revision", "audits_secondlook")  # the months of corrections, rulings that wait to be read


def everything_taken(people, unit) -> list[bytes | str]:
    """Every file, answer, report and sheet of a unit, as its own manager gets them, without tokens and addresses."""
    client, found = Client(), []
    client.force_login(people.manager)
    key = tokens.make(user=people.manager, name=str(random.random()), at=worlds.NOW)
    for query in ({"span": "month", "month": "2026-10"}, {"span": "12-months", "tree": "then"}):
        for of in ("units", "outlets"):
            for each in ("span", "each"):
                for form in ("xlsx", "csv"):
                    given = {"of": of, "months": each, "format": form}
                    address = reverse("audits:export_create", args=[unit.public_id], query=query)
                    body = b"".join(client.post(address, given).streaming_content)
                    found.append(sheet_of(body) if form == "xlsx" else body)
                address = reverse("audits:api_rows", args=[unit.public_id], query=query | {"of": of, "months": each})
                found.append(Client().get(address, headers={"authorization": f"Bearer {key}"}).content)
        address = reverse("audits:api_scorecard", args=[unit.public_id], query=query)
        found.append(Client().get(address, headers={"authorization": f"Bearer {key}"}).content)
        for name in ("scorecard_export", "report_detail", "scorecard_sheets"):
            found.append(essence(client.get(reverse(f"audits:{name}", args=[unit.public_id], query=query)))[1])
    return found


PAGES = ("scorecard_detail", "scorecard_units", "scorecard_explain", "report_detail", "scorecard_sheets")


def everything_opened(people, at) -> list[str]:
    """The home and every page of figures of a unit, one below it and outlets, as the unit's manager reads them."""
    kept.forget()
    client = Client()
    client.force_login(people.manager)
    found = [essence(client.get(reverse("home")))]
    for unit in (at.an_giang, at.long_xuyen, at.counter.unit, at.other_counter.unit):
        for query in ({"span": "month", "month": "2026-10"}, {"span": "12-months", "tree": "then", "trend": "24"}):
            asked_for = [(name, query) for name in PAGES] + [("scorecard_units", query | {"level": "outlets"})]
            for name, given in asked_for:
                found.append(essence(client.get(reverse(f"audits:{name}", args=[unit.public_id], query=given))))
    assert {status for status, _body in found} <= {200, 302}
    assert sum(status == 200 for status, _body in found) > 25
    return [body for _status, body in found]


def sheet_of(body: bytes) -> str:
    return str(list(load_workbook(io.BytesIO(body)).worksheets[0].iter_rows(values_only=True)))


def test_nothing_that_is_taken_along_or_opened_is_read_from_visits(asked, at):
    people = two_published_months(at)
    read_of = []

    def watch(execute, sql, params, many, context):
        if not any(f'FROM "{table}"' in sql for table in OF_THE_OFFICE):
            read_of.extend(table for table in OF_VISITS if f'"{table}"' in sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert len(everything_taken(people, at.an_giang)) == 32
        everything_opened(people, at)
    assert read_of == []


def test_nothing_that_is_taken_along_or_opened_tells_that_visits_wait(asked, at):
    people = two_published_months(at)
    before, opened = everything_taken(people, at.an_giang), everything_opened(people, at)
    for number in range(2):
        published.approved(
            at.other_counter, people.shopper, OCTOBER + timedelta(days=12 + number), "nnnnn", of=asked_checklist()
        )
        assert everything_taken(people, at.an_giang) == before
        assert everything_opened(people, at) == opened


def two_published_months(at):
    people = worlds.people(at)
    for month in (SEPTEMBER, OCTOBER):
        for number in range(4):
            who = (people.shopper, people.shopper2)[number % 2]
            published.approved(at.counter, who, month + timedelta(days=number), "yynyn", of=asked_checklist())
        published.closed(month)
    return people
