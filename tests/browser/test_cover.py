"""A face or a paper in a photo is covered, or cut off, before the photo leaves the phone."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image, ImageStat

from audits.models import Photo
from tests.browser.phones import SENT, choose, eventually, expect, opened, photos_say, says

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

SIDE = 800


@pytest.fixture(autouse=True)
def long_grace(settings):
    settings.PHOTO_GRACE_SECONDS = 600


@pytest.fixture
def page(phone, visit, tmp_path):
    """The first section with a photo of fine stripes that waits, and the covering of it open."""
    stripes = Image.new("L", (SIDE, SIDE))
    stripes.putdata([255 * (x // 8 % 2) for _y in range(SIDE) for x in range(SIDE)])
    stripes.save(tmp_path / "stripes.png")
    page = opened(phone(), visit)
    page.set_input_files("#TK-A1-photos", str(tmp_path / "stripes.png"))
    page.click("button:has-text('Che mặt, giấy tờ')")
    expect(page.locator("dialog.cover")).to_be_visible()
    return page


def drag(page, start, end):
    """From one place to another, in parts of the picture's sides."""
    box = page.locator("dialog canvas").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=3)
    page.mouse.up()


def press(page, button):
    page.click(f"dialog button:has-text('{button}')")


def sent(page, visit):
    """The photo as the server has it. Whoever goes to submit covers no more: then all of it is sent."""
    expect(page.locator("dialog.cover")).to_have_count(0)
    page.goto(reverse("audits:visit_check", args=[visit.public_id]))
    page.wait_for_timeout(500)
    assert not Photo.objects.exists()
    page.click(".submit .btn")
    for _ in range(100):
        if photo := Photo.objects.first():
            break
        page.wait_for_timeout(100)
    with default_storage.open(photo.file) as file:
        return Image.open(file).convert("L")


def contrast(picture, left, top, right, bottom):
    """How much the stripes show in a part of the picture: 127 for stripes, 0 for one grey."""
    width, height = picture.size
    part = picture.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
    return ImageStat.Stat(part).stddev[0]


def test_what_is_drawn_over_is_not_in_what_is_sent(page, visit):
    drag(page, (0.1, 0.1), (0.5, 0.5))
    press(page, "Dùng ảnh này")
    picture = sent(page, visit)
    assert picture.size == (SIDE, SIDE)
    assert contrast(picture, 0.15, 0.15, 0.45, 0.45) < 40
    assert contrast(picture, 0.6, 0.6, 0.9, 0.9) > 100


def test_two_taps_cover_too_and_a_step_can_be_taken_back(page, visit):
    drag(page, (0.1, 0.1), (0.1, 0.1))
    drag(page, (0.5, 0.5), (0.5, 0.5))
    drag(page, (0.6, 0.6), (0.9, 0.9))
    press(page, "Hoàn tác")
    press(page, "Dùng ảnh này")
    picture = sent(page, visit)
    assert contrast(picture, 0.15, 0.15, 0.45, 0.45) < 40
    assert contrast(picture, 0.65, 0.65, 0.85, 0.85) > 100


def test_the_keyboard_covers(page, visit):
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(9):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    press(page, "Dùng ảnh này")
    picture = sent(page, visit)
    assert contrast(picture, 0.52, 0.52, 0.7, 0.7) < 40
    assert contrast(picture, 0.1, 0.1, 0.4, 0.4) > 100


def test_a_photo_is_cut_to_a_part(page, visit):
    press(page, "Cắt ảnh")
    drag(page, (0.25, 0.25), (0.75, 0.5))
    press(page, "Dùng ảnh này")
    width, height = sent(page, visit).size
    assert abs(width - SIDE / 2) < 8
    assert abs(height - SIDE / 4) < 8


def test_leaving_keeps_the_photo_as_it_was(page, visit):
    drag(page, (0.1, 0.1), (0.5, 0.5))
    press(page, "Giữ nguyên")
    assert contrast(sent(page, visit), 0.15, 0.15, 0.45, 0.45) > 100


def test_a_photo_that_waits_goes_when_its_time_is_over(phone, visit, tmp_path, settings):
    settings.PHOTO_GRACE_SECONDS = 2
    Image.new("RGB", (60, 60), "teal").save(tmp_path / "teal.png")
    page = opened(phone(), visit)
    page.set_input_files("#TK-A1-photos", str(tmp_path / "teal.png"))
    page.check("#TK-A1-yes")
    says(page, "A1", SENT)
    expect(page.locator("#TK-A1 [data-photos] .kept")).to_contain_text("sẽ gửi sau ít giây")
    expect(page.locator("#TK-A1 [data-photos] .kept")).to_contain_text(SENT, timeout=10_000)


def test_a_photo_that_has_gone_can_still_be_covered(phone, visit, tmp_path, settings):
    """The covered picture takes its place, and what shows the face is taken back from the server."""
    settings.PHOTO_GRACE_SECONDS = 0
    page = opened(phone(), visit)
    choose(page, tmp_path, "teal")
    photos_say(page, SENT)
    first = Photo.objects.get()
    page.click("button:has-text('Che mặt, giấy tờ')")
    press(page, "Cắt ảnh")
    drag(page, (0.25, 0.25), (0.75, 0.5))
    press(page, "Dùng ảnh này")
    expect(page.locator(f"[data-id='{first.public_id}']")).to_have_count(0)
    photos_say(page, SENT)
    (second,) = wait_for(lambda: list(Photo.objects.kept().exclude(pk=first.pk)), page)
    assert second.width < first.width
    assert wait_for(lambda: not Photo.objects.kept().filter(pk=first.pk).exists(), page)


def test_another_page_sends_nothing_that_is_being_covered(page, phone, visit):
    other = page.context.new_page()
    other.goto(reverse("audits:section_edit", args=[visit.public_id, "B"]))
    other.fill("#TK-B1-number", "7")
    says(other, "B1", SENT)
    other.wait_for_timeout(500)
    assert not Photo.objects.exists()


def wait_for(found, page):
    for _ in range(100):
        if it := found():
            return it
        page.wait_for_timeout(100)
    raise AssertionError("not within ten seconds")


def test_a_phone_without_room_for_the_covered_picture_keeps_the_one_it_was_made_of(phone, visit, tmp_path, settings):
    settings.PHOTO_GRACE_SECONDS = 0
    page = opened(phone(), visit)
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    page.evaluate(
        """() => {
            const put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = function (record) {
                if (record.blob && record.state === "waiting") throw new DOMException("full", "QuotaExceededError");
                return put.call(this, record);
            };
        }"""
    )
    page.click("button:has-text('Che mặt, giấy tờ')")
    drag(page, (0.1, 0.1), (0.5, 0.5))
    press(page, "Dùng ảnh này")
    expect(page.locator("dialog.cover")).to_have_count(0)
    photos_say(page, f"{SENT} Máy hết chỗ để giữ ảnh đã che. Ảnh vẫn như cũ.")
    page.reload()
    assert Photo.objects.filter(removed_at=None).count() == 1


def test_the_same_picture_chosen_twice_is_shown_once_and_covered_once(phone, visit, tmp_path, settings):
    settings.PHOTO_GRACE_SECONDS = 0
    page = opened(phone(), visit)
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    with page.expect_request_finished(lambda request: request.url.endswith("/photos/")):
        choose(page, tmp_path, "gold")
    expect(page.locator("#TK-A1 [data-photos] li")).to_have_count(1, timeout=10_000)
    page.click("button:has-text('Che mặt, giấy tờ')")
    drag(page, (0.1, 0.1), (0.5, 0.5))
    press(page, "Dùng ảnh này")
    photos_say(page, SENT)
    expect(page.locator("#TK-A1 [data-photos] li")).to_have_count(1)
    eventually(page, lambda: Photo.objects.count() == 2 and Photo.objects.filter(removed_at=None).count() == 1)
