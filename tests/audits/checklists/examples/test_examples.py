"""Example pictures: put, replaced, taken away and brought back; kept with the version; seen by whom it concerns."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audits import media, photos
from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts import compare
from audits.checklists.examples import actions as examples
from audits.checklists.exchange import workbook
from audits.checklists.exchange.table import Faulty
from audits.checklists.library import actions as library
from audits.checklists.models import Immutable
from audits.checklists.outline import outline
from audits.models import ChecklistVersion, DraftChange, ExamplePicture
from outlets.models import Role
from tests import pages, plans, sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    return sheets.every_kind().versions.get()


@pytest.fixture
def draft(running):
    return checklists.draft_from(version=running, by=None, at=NOW)


@pytest.fixture
def editor(client):
    user = worlds.user("bientap", Role.EDITOR)
    client.force_login(user)
    return user


def picture_of(version, short="A1"):
    return outline(version).by_code[f"TK-{short}"].picture


def files(media_root):
    return sorted(each for each in Path(media_root).rglob("*") if each.is_file())


class TestPutting:
    @pytest.fixture
    def send(self, client, editor, draft):
        def send(file=None, code="TK-A1", **fields):
            fields |= {"picture": file} if file else {}
            address = reverse("audits:picture_edit", args=[draft.public_id, code])
            return client.post(address, {"seen": "0"} | fields, follow=True)

        return send

    def test_a_picture_is_cleaned_stored_and_shown_with_its_criterion(self, send, draft, editor, media_root):
        page = send(sheets.picture(size=(2000, 1000)))
        found = picture_of(draft)
        assert (found.width, found.height, found.thumbnail_width, found.thumbnail_height) == (1600, 800, 320, 160)
        row = ExamplePicture.objects.get()
        assert (row.added_by, row.size) == (editor, (media_root / row.file).stat().st_size)
        assert Image.open(media_root / row.thumbnail).size == (320, 160)
        assert f'src="{reverse("audits:example_thumbnail", args=[found.public_id])}"' in page.content.decode()
        assert "Đã sửa TK-A1: ảnh minh họa" in pages.words(page)

    def test_it_is_replaced_taken_away_and_every_step_goes_back(self, send, draft):
        send(sheets.picture("gold"))
        first = picture_of(draft)
        send(sheets.picture("tomato"), seen="9")
        second = picture_of(draft)
        send(do="remove", seen="9")
        assert (first == second, picture_of(draft)) == (False, None)
        for expected in (second, first, None):
            step = DraftChange.objects.filter(undoes=None, undone_by=None).order_by("-number").first()
            drafts.undo(version=draft, number=step.number, by=None, at=NOW)
            assert picture_of(draft) == expected

    @pytest.mark.parametrize(
        ("file", "words"),
        [
            (SimpleUploadedFile("a.jpg", b""), "Tệp rỗng"),
            (SimpleUploadedFile("a.jpg", b"%PDF-1.7"), "tài liệu PDF"),
            (SimpleUploadedFile("a.jpg", b"<svg xmlns='x'/>"), "SVG"),
            (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken"), "chưa được gửi trọn vẹn"),
            (None, "Hãy chọn ảnh trước"),
        ],
    )
    def test_what_is_no_picture_is_told_and_leaves_nothing_behind(self, send, draft, media_root, file, words):
        assert words in pages.words(send(file))
        assert (picture_of(draft), ExamplePicture.objects.count(), files(media_root)) == (None, 0, [])
        assert not draft.changes.exists()

    def test_no_room_on_the_disk_is_told(self, send, draft, monkeypatch):
        def full(*_given):
            raise photos.NoRoomOnDisk

        monkeypatch.setattr(photos, "store", full)
        assert "không còn chỗ" in pages.words(send(sheets.picture()))
        assert picture_of(draft) is None

    def test_of_two_who_put_one_at_once_the_second_is_told(self, send, draft, media_root):
        sheets.example(draft, "TK-A1")
        there = picture_of(draft)
        assert "chỗ này đã được sửa ở nơi khác" in pages.words(send(sheets.picture("gold"), seen="0"))
        assert (picture_of(draft), ExamplePicture.objects.count(), len(files(media_root))) == (there, 1, 2)

    def test_a_version_that_is_out_and_a_criterion_that_is_gone_take_none(self, client, editor, running, draft, send):
        address = reverse("audits:picture_edit", args=[running.public_id, "TK-A1"])
        client.post(address, {"picture": sheets.picture()})
        assert picture_of(running) is None
        assert "không còn trong bản nháp" in pages.words(send(sheets.picture(), code="TK-Q9"))
        assert ExamplePicture.objects.count() == 0


class TestWithTheVersion:
    def test_a_copy_names_the_same_picture_and_may_have_another(self, draft):
        sheets.example(draft, "TK-A1")
        published = checklists.publish(version=draft, by=None, at=NOW)
        copy = checklists.draft_from(version=published, by=None, at=NOW)
        assert picture_of(copy) == picture_of(published)
        assert ExamplePicture.objects.count() == 1
        examples.take_away(version=copy, code="TK-A1", seen=0, by=None, at=NOW)
        assert (picture_of(copy), picture_of(published) is None) == (None, False)

    def test_a_duplicate_and_a_criterion_brought_back_have_it_too(self, draft):
        sheets.example(draft, "TK-A1")
        made = drafts.duplicate_criterion(version=draft, code="TK-A1", by=None, at=NOW)
        assert outline(draft).by_code[made].picture == picture_of(draft)
        section = drafts.delete_section(version=draft, code="A", by=None, at=NOW)
        drafts.undo(version=draft, number=section.number, by=None, at=NOW)
        assert picture_of(draft) is not None

    def test_a_new_criterion_has_none_and_takes_one(self, draft):
        code = drafts.add_criterion(version=draft, section="A", by=None, at=NOW)
        assert outline(draft).by_code[code].picture is None
        sheets.example(draft, code)
        assert outline(draft).by_code[code].picture is not None

    def test_one_taken_over_from_another_checklist_brings_it_along(self, draft):
        sheets.example(draft, "TK-A1")
        published = checklists.publish(version=draft, by=None, at=NOW)
        other = checklists.draft_from(version=plans.checklist().versions.get(), by=None, at=NOW)
        criterion = outline(published).by_code["TK-A1"]
        library.take_over(version=other, criterion=criterion, section="A", by=None, at=NOW)
        assert picture_of(other) == picture_of(published)

    def test_a_picture_stays_as_it_is(self, draft):
        sheets.example(draft, "TK-A1")
        picture = ExamplePicture.objects.get()
        for refused in (picture.save, picture.delete):
            with pytest.raises(Immutable):
                refused()

    def test_the_sweep_leaves_it(self, draft, media_root):
        sheets.example(draft, "TK-A1")
        examples.take_away(version=draft, code="TK-A1", seen=9, by=None, at=NOW)
        later = NOW + 3 * media.SETTLED
        assert media.sweep(at=worlds.NOW.replace(year=later.year + 30)) == 0
        assert len(files(media_root)) == 2

    def test_the_comparison_says_and_shows_that_it_changed(self, draft, running, client, editor):
        before = outline(draft)
        sheets.example(draft, "TK-A1")
        (differing,) = compare.compare(before, outline(draft)).differing
        assert [(rule.name, rule.before, rule.after) for rule in differing.rules] == [
            ("Ảnh minh họa", "chưa có", "đã thêm")
        ]
        page = client.get(reverse("audits:version_compare", args=[draft.public_id])).content.decode()
        assert reverse("audits:example_thumbnail", args=[picture_of(draft).public_id]) in page


class TestInAFile:
    """A file says that there is a picture; the picture itself stays where it is."""

    @pytest.fixture
    def told(self, draft):
        sheets.example(draft, "TK-A1")
        return outline(draft)

    def read(self, now, change=None):
        sections = content.of_version(now)
        for plain in (each for section in sections for each in section["criteria"]):
            if change and plain["code"] in change:
                plain["picture"] = change[plain["code"]]
        file = SimpleUploadedFile("a.xlsx", workbook.written(sections))
        return workbook.read(file, [], "TK-", content.pictures(now))

    def test_it_comes_back_with_the_picture(self, told):
        assert self.read(told) == content.of_version(told)

    def test_an_emptied_cell_leaves_it_out(self, told):
        (first, *_rest) = self.read(told, {"TK-A1": None})[0]["criteria"]
        assert first["picture"] is None

    def test_a_picture_that_is_not_there_is_told_by_row_and_column(self, told):
        with pytest.raises(Faulty) as faulty:
            self.read(told, {"TK-A2": "x"})
        assert [(fault.row, fault.column) for fault in faulty.value.faults] == [(3, "picture")]

    def test_a_file_without_the_column_keeps_all(self, told):
        book = workbook.load_workbook(io.BytesIO(workbook.written(content.of_version(told))))
        sheet = book.worksheets[0]
        sheet.delete_cols(workbook.NAMES.index("picture") + 1)
        out = io.BytesIO()
        book.save(out)
        file = SimpleUploadedFile("a.xlsx", out.getvalue())
        assert workbook.read(file, [], "TK-", content.pictures(told)) == content.of_version(told)

    def test_the_trial_says_how_many_keep_theirs_and_the_draft_has_them(self, client, editor, draft, told):
        address = reverse("audits:version_import", args=[draft.public_id])
        file = SimpleUploadedFile("a.xlsx", workbook.written(content.of_version(told)))
        answer = client.post(address, {"file": file})
        assert "Tệp không chứa ảnh: 1 tiêu chí giữ ảnh" in pages.words(answer)
        client.post(address, {"read": answer.context["read"]})
        newest = ChecklistVersion.objects.latest("number")
        assert newest != draft
        assert picture_of(newest) == picture_of(draft)


class TestSeenBy:
    @pytest.fixture
    def places(self):
        return worlds.places()

    @pytest.fixture
    def shown(self, draft):
        sheets.example(draft, "TK-A1")
        return picture_of(draft)

    def addresses(self, shown, prefix=""):
        names = ("visit_example", "visit_example_thumbnail") if prefix else ("example_picture", "example_thumbnail")
        return [reverse(f"audits:{name}", args=[shown.public_id]) for name in names]

    def statuses(self, client, user, shown, prefix=""):
        client.force_login(user)
        return [client.get(each).status_code for each in self.addresses(shown, prefix)]

    def test_a_drafts_picture_by_editors_and_office_and_once_it_runs_by_every_employee(self, client, draft, shown):
        staff, editor = worlds.user("nv", Role.STAFF), worlds.user("bt", Role.EDITOR)
        office = worlds.user("vp", Role.OFFICE)
        assert [self.statuses(client, each, shown) for each in (staff, editor, office)] == [
            [404, 404],
            [200, 200],
            [200, 200],
        ]
        checklists.publish(version=draft, by=None, at=NOW)
        assert self.statuses(client, staff, shown) == [200, 200]
        client.force_login(staff)
        answer = client.get(self.addresses(shown)[0])
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "no-store, private")

    def test_by_shoppers_with_a_visit_of_that_version_and_no_others(self, client, draft, shown, places):
        one, two = worlds.user("s1", Role.SHOPPER), worlds.user("s2", Role.SHOPPER)
        version = checklists.publish(version=draft, by=None, at=NOW)
        sheets.started(places.counter, one, version.checklist)
        assert self.statuses(client, one, shown) == [403, 403]
        assert self.statuses(client, one, shown, "visit") == [200, 200]
        assert self.statuses(client, two, shown, "visit") == [404, 404]

    def test_the_form_shows_it_folded_and_the_phone_keeps_the_small_one(self, client, draft, shown, places):
        shopper = worlds.user("s1", Role.SHOPPER)
        version = checklists.publish(version=draft, by=None, at=NOW)
        visit = sheets.started(places.counter, shopper, version.checklist)
        client.force_login(shopper)
        _large, small = self.addresses(shown, "visit")
        page = client.get(reverse("audits:section_edit", args=[visit.public_id, "A"])).content.decode()
        assert f'src="{small}" width="320" height="240" loading="lazy"' in page
        around = page[page.rindex("<details", 0, page.index(small)) : page.index(small)]
        assert "</details>" not in around
        assert not around.startswith("<details open")
        assert small in client.get(reverse("audits:visit_detail", args=[visit.public_id])).content.decode()
        assert client.get(small).has_header("X-Smile-User")

    @pytest.mark.parametrize("name", ["version_preview", "version_detail"])
    def test_the_preview_and_the_checklist_show_it(self, client, editor, draft, shown, name):
        page = client.get(reverse(f"audits:{name}", args=[draft.public_id])).content.decode()
        assert self.addresses(shown)[1] in page
        assert "/visits/examples/" not in page

    def test_a_file_that_is_gone_is_404(self, client, draft, shown, media_root):
        for each in files(media_root):
            each.unlink()
        assert self.statuses(client, worlds.user("bt", Role.EDITOR), shown) == [404, 404]
