"""What the page of all components shows: invented rows and a form that needs mending. No database."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from audits.checklists.models import ChecklistVersion
from audits.fieldwork.states import VisitState
from audits.results import charts, months
from audits.results.second_looks.models import SecondLook
from outlets.fields import CleanCharField, CleanTextField
from outlets.listing import Heading, Listing, ShownFilter
from outlets.models import Channel

LONG_NAME = (
    "Điểm giao dịch VNPT VinaPhone Trung tâm Hành chính – Thương mại – Dịch vụ khu vực cửa khẩu quốc tế "
    "Tịnh Biên và các xã biên giới"
)


class SpecimenForm(forms.Form):
    """One field of each kind that the product's forms have."""

    name = CleanCharField(label=_("Name"), max_length=40, help_text=_("For example: the month and what it is for."))
    day = forms.DateField(label=_("First day"), help_text=_("day/month/year"))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    state = forms.ChoiceField(label=_("State"), choices=ChecklistVersion.State.choices, widget=forms.RadioSelect)
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    note = CleanTextField(label=_("Note"), required=False)
    photo = forms.FileField(label=_("Photo"), required=False)
    is_sure = forms.BooleanField(label=_("I have read this"), required=False)


def form_in_error() -> SpecimenForm:
    """The form, sent with a day that does not exist, a name that is too long, and a choice left out."""
    sent = {"name": LONG_NAME, "day": "31/02/2026", "channel": "hotline"}
    return SpecimenForm({f"wrong-{field}": value for field, value in sent.items()}, prefix="wrong")


@dataclass(frozen=True)
class Row:
    name: str
    day: date
    state: str
    label: Any
    score: int | None


def rows() -> tuple[Row, ...]:
    """One row for each state of a visit, one of them with the longest name there is."""
    return tuple(
        Row(f"ĐGD số {number}" if number != 4 else LONG_NAME, date(2026, 11, 12), state.value, state.label, score)
        for number, (state, score) in enumerate(
            zip(VisitState, (None, None, None, 815_000, 642_000, 1_000_000, 874_500, None, 0), strict=True)
        )
    )


def listing() -> Listing:
    """The middle page of a list that is searched, filtered and sorted."""
    return Listing(
        page=Paginator(rows(), 3).page(2),
        query="tịnh biên",
        sort="-day",
        headings=(
            Heading(str(_("Outlet")), False, "name", ""),
            Heading(str(_("Day of the visit")), False, "day", "descending"),
            Heading(str(_("State")), False, "", ""),
            Heading(str(_("Score, %")), True, "score", ""),
        ),
        search_hint=_("Name or code"),
        filters=(
            ShownFilter("state", str(_("State")), VisitState.choices, "submitted"),
            ShownFilter("channel", str(_("Channel")), Channel.choices, ""),
        ),
    )


def figures() -> dict[str, Any]:
    """A range, a small line and a trend of twelve months with a gap and a new version of the checklist."""
    means = [812, 806, 798, 789, None, 803, 811, 822, 819, 828, 835, 846]
    samples = [
        charts.Sample(
            month=months.later(date(2025, 11, 1), index),
            mean=None if mean is None else mean * 1_000,
            low=None if mean is None else (mean - 21) * 1_000,
            high=None if mean is None else (mean + 21) * 1_000,
            group=820_000,
            is_break=index == 6,
        )
        for index, mean in enumerate(means)
    ]
    path, last = charts.spark([sample.mean for sample in samples[-6:]])
    return {
        "strip": charts.strip(826_000, 846_000, 866_000, 839_000, 500_000),
        "path": path,
        "last": charts.Mark(*last.split()),
        "wide": charts.trend(samples, charts.WIDE),
        "narrow": charts.trend(samples, charts.NARROW),
    }


def context() -> dict[str, Any]:
    """All that components/all.html shows."""
    found = listing()
    return {
        "long_name": LONG_NAME,
        "states": [(state.value, state.label) for state in VisitState],
        "versions": [(state.value, state.label) for state in ChecklistVersion.State],
        "second_looks": [(state.value, state.label) for state in SecondLook.State],
        "form": SpecimenForm(),
        "wrong": form_in_error(),
        "listing": found,
        "rows": found.page.object_list,
        "figures": figures(),
    }
