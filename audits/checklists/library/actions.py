"""A criterion of another checklist taken over into a draft."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.actions import ChecklistRefused
from audits.checklists.drafts import actions as drafts
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import CriterionOutline, outline
from outlets.models import User


class AlreadyThere(ChecklistRefused):
    message = _("The draft has a criterion with this code already. Change that one, or delete it first.")


@transaction.atomic
def take_over(
    *, version: ChecklistVersion, criterion: CriterionOutline, section: str, by: User | None, at: datetime
) -> None:
    """Adds a copy at the end of a section of the draft, under the code that it has, as a step that can be undone.

    Raises AlreadyThere, NotADraft, Gone for the section, TooLong.
    """
    checklists.lock_draft(version=version)
    if criterion.code in outline(version).by_code:
        raise AlreadyThere
    drafts.add_criterion(version=version, section=section, plain=content.of_criterion(criterion), by=by, at=at)
