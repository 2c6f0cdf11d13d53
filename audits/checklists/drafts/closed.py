"""What came for a draft that is none any more: who closed it, and what was typed, to be copied."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.checklists.actions import NotADraft
from audits.checklists.drafts.queries import label_of
from audits.checklists.models import ChecklistEvent, ChecklistVersion
from outlets.people.permissions import ReaderRequest

_TEXTS = ("name_vi", "name_en", "text_vi", "text_en", "guidance_vi", "guidance_en", "weight")
_LABEL = re.compile(r"options-\d+-label_(vi|en)")
Kind = ChecklistEvent.Kind


def closed(request: ReaderRequest, version: ChecklistVersion, typed: list[tuple[str, str]]) -> HttpResponse:
    """A page of its own that keeps what was typed; where nothing was, the version's page with a word why."""
    version.refresh_from_db(fields=["state"])
    says = str(NotADraft(version.state))
    if not typed:
        messages.warning(request, says)
        return redirect("audits:version_detail", version.public_id)
    context = {"version": version, "says": says, "by_whom": _by_whom(version), "typed": typed}
    return render(request, "audits/checklists/draft_closed.html", context, status=409)


def typed_texts(request: ReaderRequest, stands: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The texts and numbers that came and are not what `stands` already, by the name of the field."""
    there = stands or {}
    found = [(name, request.POST[name].replace("\r\n", "\n").strip()) for name in _TEXTS if name in request.POST]
    options = {str(each[name]) for each in there.get("options", ()) for name in ("label_vi", "label_en")}
    labels = [request.POST[name].strip() for name in request.POST if _LABEL.fullmatch(name)]
    return [
        *((label_of(name), text) for name, text in found if text and text.replace(",", ".") != _plain(there, name)),
        *((label_of("options"), text) for text in labels if text and text not in options),
    ]


def _plain(stands: Mapping[str, Any], name: str) -> str:
    """As `typed_texts` compares it: a number may be written with a comma."""
    return str(stands.get(name, "")).replace(",", ".")


def _by_whom(version: ChecklistVersion) -> str:
    event = version.events.select_related("by").first()
    if event is None or event.by is None:
        return ""
    says = {
        Kind.PROPOSED: _("%(who)s sent this draft for approval at %(time)s."),
        Kind.APPROVED: _("%(who)s approved this draft at %(time)s."),
        Kind.PUBLISHED: _("%(who)s approved this draft at %(time)s."),
        Kind.DISCARDED: _("%(who)s discarded this draft at %(time)s."),
    }.get(Kind(event.kind), "")
    time = timezone.localtime(event.at).strftime("%H:%M %d/%m")
    return says % {"who": event.by.shown_name, "time": time} if says else ""
