"""Forms of planning. They clean and check what was typed; the rules are in `actions`."""

from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audits.checklists.models import Checklist, ChecklistVersion
from audits.fieldwork.models import Scenario, Visit, Wave
from audits.fieldwork.planning import eligibility, queries, refusals
from audits.fieldwork.planning.workload import Candidate
from outlets.fields import CleanCharField, CleanTextField
from outlets.models import Channel, User
from outlets.organisation.forms import UnitField

# The field beside which a refusal is shown; any other stands above the form.
_BESIDE = {
    refusals.NameTaken: "name",
    refusals.NoRunningVersion: "checklist",
    refusals.NoOutlet: "unit",
    refusals.DatesReversed: "ends_on",
    refusals.InThePast: "starts_on",
    refusals.TooFar: "starts_on",
    refusals.TooShort: "visits_per_outlet",
    refusals.TooLong: "ends_on",
    refusals.VisitsBeyondEnd: "ends_on",
    refusals.OutsideWave: "due_on",
    refusals.WrongScenario: "scenarios",
    refusals.TitleTaken: "title",
    refusals.ChannelInUse: "channel",
    refusals.CardExists: "valid_from",
    refusals.CardInUse: "content",
    refusals.AlreadyBlocked: "unit",
    refusals.ReasonMissing: "reason",
    refusals.NotAShopper: "shopper",
    refusals.Blocked: "shopper",
    refusals.SameShopperAgain: "shopper",
}


def show_refusal(form: forms.Form, refused: refusals.Refused) -> None:
    """Puts what a rule refused into the form, beside its field where it has one."""
    field = _BESIDE.get(type(refused), "")
    form.add_error(field if field in form.fields else None, str(refused))


class DayField(forms.DateField):
    """A day typed as day/month/year."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("day/month/year"))
        widget = forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(widget=widget, **kwargs)


class ScenariosByChannel(forms.ModelMultipleChoiceField):
    """Ticks for scenarios, those of one channel under its name."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, scenarios: QuerySet[Scenario]) -> None:
        """Offers these, in the order of the channels."""
        self.queryset = scenarios
        places = {channel: place for place, channel in enumerate(Channel.values)}
        rows = sorted(scenarios, key=lambda scenario: places[scenario.channel])
        self.choices = [
            (Channel(channel).label, [(each.public_id, each.title) for each in group])
            for channel, group in groupby(rows, key=lambda scenario: scenario.channel)
        ]


class WaveForm(forms.Form):
    """A new wave."""

    name = CleanCharField(label=_("Name"), max_length=120, help_text=_("For example: the month and what it is for."))
    checklist = forms.ModelChoiceField(
        label=_("Checklist"),
        queryset=Checklist.objects.none(),
        to_field_name="code",
        empty_label=_("Choose"),
        help_text=_("It decides the channel: only outlets of that channel are visited."),
    )
    unit = UnitField(help_text=_("All outlets below it are visited. Its code, or words of its name."))
    visits_per_outlet = forms.IntegerField(label=_("Visits for each outlet"), min_value=1, max_value=20, initial=1)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    scenarios = ScenariosByChannel(
        label=_("Scenarios"),
        queryset=Scenario.objects.none(),
        to_field_name="public_id",
        required=False,
        help_text=_("They are used in turn. None ticked: every scenario in use of the checklist's channel."),
    )
    note = CleanTextField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = ChecklistVersion.objects.filter(state=ChecklistVersion.State.PUBLISHED)
        self.fields["checklist"].queryset = Checklist.objects.filter(pk__in=running.values("checklist"))
        self.fields["scenarios"].offer(Scenario.objects.filter(is_active=True))

    def scenarios_to_use(self) -> list[Scenario]:
        """Those ticked or, when none is, every one in use of the checklist's channel."""
        ticked = self.cleaned_data["scenarios"]
        return list(ticked or queries.scenarios_in_use(self.cleaned_data["checklist"].channel))


class WaveEditForm(forms.Form):
    """What can be changed of a wave."""

    name = CleanCharField(label=_("Name"), max_length=120)
    ends_on = DayField(label=_("Last day"))
    note = CleanTextField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, wave: Wave, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": wave.name, "ends_on": wave.ends_on, "note": wave.note}
        super().__init__(*args, **kwargs)


class WaveExtendForm(forms.Form):
    """More visits for a wave that exists."""

    unit = UnitField(help_text=_("Outlets below it get visits. Its code, or words of its name."))
    only_new = forms.TypedChoiceField(
        label=_("Which outlets"),
        choices=[("yes", _("Only outlets that have no visit in this wave")), ("no", _("All: further visits for each"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
    visits_per_outlet = forms.IntegerField(label=_("Visits for each outlet"), min_value=1, max_value=20, initial=1)

    def __init__(self, wave: Wave, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"unit": wave.unit}
        super().__init__(*args, **kwargs)


class ReasonForm(forms.Form):
    """Why something is called off. `initial` keeps what was typed before a log-in ended."""

    reason = CleanTextField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AssignForm(forms.Form):
    """One shopper for one visit, chosen among those who may make it; whoever else is named meets the rules."""

    shopper = forms.ModelChoiceField(
        label=_("Shopper"), queryset=User.objects.none(), to_field_name="public_id", empty_label=_("Choose a shopper")
    )
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, free: tuple[Candidate, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shopper"]
        field.queryset = eligibility.shoppers()
        field.choices = [("", field.empty_label), *((each.shopper.public_id, candidate_label(each)) for each in free)]


class AssignManyForm(forms.Form):
    """One or several shoppers for many visits."""

    shoppers = forms.ModelMultipleChoiceField(
        label=_("Shoppers"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one shopper.")},
    )
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shoppers"].queryset = eligibility.shoppers()


def candidate_label(candidate: Candidate) -> str:
    """A shopper in a list of choices: the code, and how busy."""
    open_text = ngettext("%(number)d open visit", "%(number)d open visits", candidate.open) % {"number": candidate.open}
    return f"{candidate.code} · {open_text}"


class RescheduleForm(forms.Form):
    """The days of a visit."""

    opens_on = DayField(label=_("From"))
    due_on = DayField(label=_("Until"))

    def __init__(self, visit: Visit, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"opens_on": visit.opens_on, "due_on": visit.due_on} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class BlockForm(forms.Form):
    """Where a shopper must not go, and why."""

    unit = UnitField(
        label=_("Unit or outlet"), help_text=_("Everything below it is blocked too. Its code, or words of its name.")
    )
    reason = CleanCharField(
        label=_("Reason"), max_length=200, help_text=_("For example: worked there until March. No names.")
    )


class ScenarioForm(forms.Form):
    """What a shopper asks for, and how."""

    title = CleanCharField(label=_("Title"), max_length=160)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    service = CleanCharField(
        label=_("Service asked about"), max_length=120, help_text=_("Results of service knowledge are told by it.")
    )
    brief = CleanTextField(
        label=_("Brief for the shopper"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "Who the shopper is, what to ask, what to leave open. The correct answers stand on the answer card."
        ),
    )


class AnswerCardForm(forms.Form):
    """The correct answer from a day on."""

    valid_from = DayField(label=_("In force from"))
    content = CleanTextField(
        label=_("Correct price and terms"), max_length=4000, widget=forms.Textarea(attrs={"rows": 8})
    )


class AnswerCardEditForm(forms.Form):
    """A card that no visit has been measured against."""

    content = CleanTextField(
        label=_("Correct price and terms"), max_length=4000, widget=forms.Textarea(attrs={"rows": 8})
    )
