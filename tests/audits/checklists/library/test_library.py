"""The library: what other checklists ask, found and taken over into a draft under its code."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.drafts import actions as drafts
from audits.checklists.exchange import workbook
from audits.checklists.outline import outline
from audits.models import DraftChange, Theme
from outlets.models import Role
from tests import pages, plans, sheets, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@kept
def draft():
    """A draft of a checklist of two criteria; one with a criterion of every kind runs beside it."""
    sheets.every_kind()
    return checklists.draft_from(version=plans.checklist().versions.get(), by=None, at=NOW)


@pytest.fixture
def editor(client):
    user = worlds.user("bientap", Role.EDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def library(client, editor, draft):
    class Library:
        address = reverse("audits:library_list", args=[draft.public_id])

        def get(self, **query):
            return client.get(self.address, query)

        def codes(self, **query):
            return [row.code for row in self.get(**query).context["listing"].page]

        def add(self, code="TK-B1", section="A", of="TK", **more):
            fields = {"of": of, "code": code, "section": section} | more
            return client.post(reverse("audits:library_add", args=[draft.public_id]), fields, follow=True)

    return Library()


ALL = ["TK-A1", "TK-A2", "TK-B1", "TK-B2", "TK-B3", "TK-Z1", "TK-Z2"]


def test_it_lists_what_other_checklists_ask_and_nothing_of_drafts_or_its_own(library):
    assert library.codes() == ALL
    own = pages.words(library.get())
    assert "Tiêu chí B1" in own
    assert "Thêm vào mục A" in own


def test_each_criterion_stands_once_as_its_newest_version_says_it(library, draft):
    running = sheets.Checklist.objects.get(code="TK").versions.get()
    second = checklists.draft_from(version=running, by=None, at=NOW)
    changed = {"text_vi": "Được chào ngay"}
    drafts.edit_criterion(version=second, code="TK-A1", changed=changed, seen=0, by=None, at=NOW)
    drafts.delete_criterion(version=second, code="TK-Z2", by=None, at=NOW)
    assert "Được chào ngay" not in pages.words(library.get())
    checklists.publish(version=second, by=None, at=NOW)
    rows = {row.code: row for row in library.get().context["listing"].page}
    assert list(rows) == ALL
    assert (rows["TK-A1"].text_vi, rows["TK-A1"].version.state) == ("Được chào ngay", "published")
    assert rows["TK-Z2"].version.state == "retired"


def test_it_is_searched_filtered_sorted_and_paged(library, draft):
    theme = Theme.objects.create(code="smile", name_vi="Nụ cười", position=1)
    running = sheets.Checklist.objects.get(code="TK").versions.get()
    second = checklists.draft_from(version=running, by=None, at=NOW)
    drafts.edit_criterion(version=second, code="TK-A2", changed={"theme": theme.code}, seen=0, by=None, at=NOW)
    checklists.publish(version=second, by=None, at=NOW)
    assert library.codes(q="tieu chi b2") == ["TK-B2"]
    assert library.codes(q="criterion z1") == ["TK-Z1"]
    assert library.codes(theme="smile") == ["TK-A2"]
    assert library.codes(kind="measured") == ["TK-B1"]
    assert library.codes(checklist="TK", kind="yes_no", sort="-code") == ["TK-B3", "TK-A1"]
    assert library.codes(checklist="x", theme="x", kind="x", sort="x", page="-3", section="x") == ALL
    assert "Không tìm thấy tiêu chí" in pages.words(library.get(q="khong co dau"))
    for sort in ("checklist", "kind", "theme", "-weight"):
        assert sorted(library.codes(sort=sort)) == ALL


def test_a_copy_keeps_code_and_content_and_the_search_stands_as_it_was(library, draft):
    answer = library.add("TK-B1", q="tieu chi b")
    assert answer.redirect_chain[-1][0] == f"{library.address}?section=A&q=tieu+chi+b"
    assert "TK-B1 đã được thêm vào mục A" in pages.words(answer)
    source = outline(sheets.Checklist.objects.get(code="TK").versions.get()).by_code["TK-B1"]
    assert content.of_criterion(outline(draft).by_code["TK-B1"]) == content.of_criterion(source)
    assert outline(draft).sections[0].criteria[-1].code == "TK-B1"


def test_what_the_draft_has_already_is_not_offered_and_is_refused(library, draft):
    library.add("TK-B1")
    assert "có trong bản nháp" in pages.words(library.get(q="tieu chi b1"))
    assert "đã có tiêu chí mang mã này" in pages.words(library.add("TK-B1"))
    assert len(outline(draft).criteria) == 3


def test_adding_is_a_step_that_can_be_undone(library, draft):
    library.add("TK-B2")
    drafts.undo(version=draft, number=DraftChange.objects.get().number, by=None, at=NOW)
    assert len(outline(draft).criteria) == 2
    library.add("TK-B2")
    assert "TK-B2" in outline(draft).by_code


def test_a_section_that_is_gone_and_a_criterion_that_never_was_are_refused(library, draft):
    assert "không còn trong bản nháp" in pages.words(library.add("TK-B1", section="Q"))
    assert library.add("TK-Q9").status_code == 404
    assert library.add("A1", of="TQ").status_code == 404
    assert len(outline(draft).criteria) == 2


def test_a_draft_that_waits_for_approval_takes_nothing(editor, client, draft):
    waiting = checklists.draft_from(version=draft, by=None, at=NOW)
    type(waiting).objects.filter(pk=waiting.pk).update(state="proposed", proposed_at=NOW)
    assert client.get(reverse("audits:library_list", args=[waiting.public_id])).status_code == 302
    client.post(reverse("audits:library_add", args=[waiting.public_id]), {"of": "TK", "code": "TK-B1", "section": "A"})
    assert waiting.criteria.count() == 2


def test_without_a_section_the_page_says_what_to_do_first(library, draft):
    drafts.delete_section(version=draft, code="A", by=None, at=NOW)
    assert "chưa có mục nào" in pages.words(library.get())


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number(library, draft, count, django_assert_num_queries):
    for number in range(count):
        sheets.every_kind(f"T{number}")
    with django_assert_num_queries(13):
        library.get()


def test_the_draft_with_it_comes_back_from_a_file(library, draft):
    library.add("TK-B1")
    now = outline(draft)
    file = SimpleUploadedFile("a.xlsx", workbook.written(content.of_version(now)))
    assert workbook.read(file, [], "", content.pictures(now)) == content.of_version(now)
    file.seek(0)
    assert workbook.read(file, [], "A", content.pictures(now)) == content.of_version(now)


def test_the_editor_leads_to_it(client, editor, draft, library):
    page = client.get(reverse("audits:draft_edit", args=[draft.public_id])).content.decode()
    assert f'href="{library.address}?section=A"' in page
