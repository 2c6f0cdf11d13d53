"""The copy of a photo that a unit may see."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from audits.checklists.models import Criterion
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.models import Photo, ShownNote, ShownPhoto
from audits.review import actions as review
from audits.review import showing
from audits.review.actions import Marks
from audits.review.showing import Box
from tests.worlds import NOW

LATER = NOW + timedelta(days=8)


@pytest.fixture
def photo(visit):
    return Photo.objects.select_related("criterion", "visit").get(visit=visit)


def half_red() -> Image.Image:
    picture = Image.new("RGB", (400, 200), "blue")
    picture.paste("red", (200, 0, 400, 200))
    return picture


def files(media_root) -> set[Path]:
    return {path for path in media_root.rglob("*") if path.is_file()}


def test_a_cut_keeps_the_marked_part_only():
    made = showing.edited(half_red(), Box(0, 0, 50, 100), [])
    assert (made.size, made.getcolors()) == ((200, 200), [(40_000, (0, 0, 255))])


def test_a_blurred_part_cannot_be_read_and_the_rest_stays():
    picture = Image.effect_noise((400, 200), 90).convert("RGB")
    made = showing.edited(picture, Box(), [Box(0, 0, 50, 100)])
    rest = (200, 0, 400, 200)
    assert made.crop(rest).tobytes() == picture.crop(rest).tobytes()
    low, high = made.crop((0, 0, 200, 200)).convert("L").getextrema()
    assert high - low < 40


def test_the_copy_is_a_new_file_and_the_photo_stays_as_it_is(photo, reviewer, media_root):
    before = (media_root / photo.file).read_bytes()
    shown = showing.show_photo(photo=photo, crop=Box(0, 0, 50, 100), by=reviewer, at=NOW)
    copy = Image.open(io.BytesIO((media_root / shown.file).read_bytes()))
    assert copy.size == (shown.width, shown.height) == (photo.width // 2, photo.height)
    assert (media_root / photo.file).read_bytes() == before
    assert not {shown.file, shown.thumbnail} & {photo.file, photo.thumbnail}


def test_a_second_copy_takes_the_place_and_the_files_of_the_first(
    photo, reviewer, media_root, django_capture_on_commit_callbacks
):
    own = files(media_root)
    first = showing.show_photo(photo=photo, by=reviewer, at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        second = showing.show_photo(photo=photo, crop=Box(0, 0, 60, 60), by=reviewer, at=NOW)
    assert ShownPhoto.objects.get() == second
    assert first.public_id != second.public_id
    assert files(media_root) - own == {media_root / second.file, media_root / second.thumbnail}


def test_a_photo_of_a_paper_is_never_shown(photo, reviewer, media_root):
    own = files(media_root)
    photo.criterion.photo_is_private = True
    with pytest.raises(showing.PrivatePhoto):
        showing.show_photo(photo=photo, by=reviewer, at=NOW)
    photo.criterion = None
    with pytest.raises(showing.PrivatePhoto):
        showing.show_photo(photo=photo, by=reviewer, at=NOW)
    assert files(media_root) == own


def test_what_is_too_small_to_be_a_picture_is_refused(photo, reviewer, media_root):
    own = files(media_root)
    with pytest.raises(showing.NothingLeft):
        showing.show_photo(photo=photo, crop=Box(0, 0, 5, 5), by=reviewer, at=NOW)
    assert files(media_root) == own


def test_a_copy_refused_at_the_last_moment_leaves_no_file(photo, visit, reviewer, colleague, media_root):
    own = files(media_root)
    review.claim(visit=visit, by=colleague, at=NOW)
    with pytest.raises(review.Claimed):
        showing.show_photo(photo=photo, by=reviewer, at=NOW)
    assert files(media_root) == own


def test_a_photo_is_withdrawn_until_publication(photo, visit, reviewer, media_root, django_capture_on_commit_callbacks):
    own = files(media_root)
    showing.show_photo(photo=photo, by=reviewer, at=NOW)
    review.approve(visit=visit, by=reviewer, at=LATER)
    with django_capture_on_commit_callbacks(execute=True):
        assert showing.hide_photo(photo=photo, by=reviewer, at=LATER)
    assert not showing.hide_photo(photo=photo, by=reviewer, at=LATER)
    assert files(media_root) == own
    assert [event.kind for event in visit.events.filter(kind="hidden")] == ["hidden"]


def test_after_publication_nothing_is_shown_nor_withdrawn_by_a_reviewer(photo, visit, reviewer):
    showing.show_photo(photo=photo, by=reviewer, at=NOW)
    visit.__class__.objects.filter(pk=visit.pk).update(
        state=VisitState.PUBLISHED, approved_at=NOW, approved_by=reviewer
    )
    for act in (showing.hide_photo, showing.show_photo):
        with pytest.raises(StaleState):
            act(photo=photo, by=reviewer, at=NOW)
    assert ShownPhoto.objects.count() == 1


def test_a_wording_is_withdrawn(visit, reviewer):
    review.save(visit=visit, marks=[Marks("TK-A2", words="Chưa chào")], by=reviewer, at=NOW)
    criterion = Criterion.objects.get(code="TK-A2")
    assert showing.hide_note(visit=visit, criterion=criterion, by=reviewer, at=NOW)
    assert not ShownNote.objects.exists()
