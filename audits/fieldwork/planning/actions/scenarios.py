"""Scenarios, and the dated answer cards that say what the correct answer was on a day."""

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from audits.fieldwork.models import AnswerCard, Scenario
from audits.fieldwork.planning import refusals
from outlets.models import Channel, User


def create(
    *,
    title: str,
    channel: Channel | str,
    service: str,
    brief: str,
    public_id: UUID | None = None,
    by: User | None,
    at: datetime,
) -> Scenario:
    """A new scenario in use. With `public_id`, a form that arrives twice makes one. Raises TitleTaken."""
    fields = {"title": title, "channel": channel, "service": service, "brief": brief}
    with transaction.atomic():
        # In this order: when the same form has just been written by another connection, its title is taken too.
        is_taken = _is_taken(title, channel)
        if again := Scenario.objects.filter(public_id=public_id).first() if public_id else None:
            return again
        if is_taken:
            raise refusals.TitleTaken
        try:
            with transaction.atomic():
                return Scenario.objects.create(**fields, public_id=public_id or uuid4(), created_at=at, created_by=by)
        except IntegrityError:
            if public_id is None:
                raise
            # The same form on another connection.
            return Scenario.objects.get(public_id=public_id)


def edit(
    *,
    scenario: Scenario,
    title: str,
    channel: Channel | str,
    service: str,
    brief: str,
    by: User | None,
    at: datetime,
) -> Scenario:
    """Changes what a scenario says; its channel only while no wave uses it. Raises TitleTaken, ChannelInUse."""
    with transaction.atomic():
        _refuse_taken(title, channel, besides=scenario)
        if channel != scenario.channel and (scenario.waves.exists() or scenario.visits.exists()):
            raise refusals.ChannelInUse
        scenario.title, scenario.channel, scenario.service, scenario.brief = title, channel, service, brief
        scenario.save(update_fields=["title", "channel", "service", "brief"])
    return scenario


def retire(*, scenario: Scenario, by: User | None, at: datetime) -> bool:
    """Keeps a scenario out of new waves; planned visits keep it. False when it was out already."""
    return bool(Scenario.objects.filter(pk=scenario.pk, is_active=True).update(is_active=False))


def reinstate(*, scenario: Scenario, by: User | None, at: datetime) -> bool:
    """Offers a retired scenario to new waves again. False when it was in use already. Raises TitleTaken."""
    with transaction.atomic():
        _refuse_taken(scenario.title, scenario.channel, besides=scenario)
        return bool(Scenario.objects.filter(pk=scenario.pk, is_active=False).update(is_active=True))


def add_answer_card(*, scenario: Scenario, valid_from: date, content: str, by: User | None, at: datetime) -> AnswerCard:
    """The correct answer from a day on, until the next card. Raises CardExists when that day has one."""
    try:
        with transaction.atomic():
            return AnswerCard.objects.create(
                scenario=scenario, valid_from=valid_from, content=content, created_at=at, created_by=by
            )
    except IntegrityError:
        raise refusals.CardExists from None


def correct_answer_card(*, card: AnswerCard, content: str, by: User | None, at: datetime) -> AnswerCard:
    """Mends a card that no visit has been measured against yet. Raises CardInUse."""
    if not AnswerCard.objects.filter(pk=card.pk, visits__isnull=True).update(content=content):
        raise refusals.CardInUse
    card.content = content
    return card


def _refuse_taken(title: str, channel: Channel | str, besides: Scenario) -> None:
    if _is_taken(title, channel, besides):
        raise refusals.TitleTaken


def _is_taken(title: str, channel: Channel | str, besides: Scenario | None = None) -> bool:
    same = Scenario.objects.filter(title=title, channel=channel, is_active=True)
    return (same if besides is None else same.exclude(pk=besides.pk)).exists()
