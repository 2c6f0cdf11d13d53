"""A draft, its editor signed in, and another."""

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from outlets.models import Role
from tests import sheets, worlds
from tests.worlds import NOW


@pytest.fixture
def draft():
    return checklists.draft_from(version=sheets.every_kind().versions.get(), by=None, at=NOW)


@pytest.fixture
def editor(client):
    user = worlds.user("bientap", Role.EDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def other():
    return worlds.user("bientap2", Role.EDITOR)


@pytest.fixture
def page(client, editor, draft):
    """Posts to one of the draft's addresses; `page.criterion("A1", weight="3")`."""

    class Page:
        address = reverse("audits:draft_edit", args=[draft.public_id])

        def get(self, **query):
            return client.get(self.address, query)

        def to(self, name, *arguments, follow=False, **fields):
            return client.post(reverse(f"audits:{name}", args=[draft.public_id, *arguments]), fields, follow=follow)

        def criterion(self, short, follow=False, **fields):
            return self.to("criterion_edit", f"TK-{short}", follow=follow, **({"seen": "0"} | fields))

    return Page()
