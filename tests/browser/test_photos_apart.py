"""The proof of arrival and the door, on the phone: made small, covered, kept, and sent with what they show."""

import pillow_heif
import pytest
from django.core.files.storage import default_storage
from PIL import ExifTags, Image

from audits import photos
from audits.models import Photo
from tests import sheets
from tests.browser.phones import KEPT, SENT, bar_says, complete, expect, put_away
from tests.browser.test_kept_forms import until
from tests.browser.test_offline import opened_whole, tasks

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

NAMELESS = "Vui lòng chọn ảnh chụp gì."


@pytest.fixture
def taken(tmp_path):
    """A photo as a phone's camera writes it: 12 megapixels, on its side, with its place."""
    picture = Image.new("RGB", (4032, 3024), "teal")
    exif = picture.getexif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Máy ảnh"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    file = tmp_path / "ticket.jpg"
    picture.save(file, exif=exif)
    return file


def line(page):
    return page.locator("#proof [data-photos] .kept")


def proofs():
    return list(Photo.objects.kept().exclude(proof="").values_list("proof", "width", "height"))


@pytest.fixture
def arrived(monkeypatch):
    """The bytes of each photo that reaches the server."""
    bodies, intake = [], photos.intake
    monkeypatch.setattr(photos, "intake", lambda file: (bodies.append(file.read()), file.seek(0), intake(file))[-1])
    return bodies


def test_a_proof_leaves_the_phone_small_and_without_its_place(phone, visit, taken, arrived):
    page = phone().new_page()
    page.goto(f"{tasks(visit)}proof/")
    page.check("[value=ticket]")
    page.set_input_files("#id_photo", str(taken))
    expect(line(page)).to_contain_text(SENT, timeout=20_000)
    assert proofs() == [("ticket", 1200, 1600)]
    assert b"Exif" in taken.read_bytes()
    assert [b"Exif" in body for body in arrived] == [False]
    page.click(".dock .btn-primary")
    page.wait_for_url(f"**{tasks(visit)}")
    page.goto(f"{tasks(visit)}proof/")
    expect(page.locator("[data-stored] img")).to_have_count(1)
    expect(page.locator("#proof [data-photos] li")).to_have_count(0)


def test_without_its_kind_a_proof_waits_and_is_not_lost(phone, visit, taken):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}proof/")
    page.set_input_files("#id_photo", str(taken))
    expect(line(page)).to_contain_text(NAMELESS)
    page.click(".dock .btn-primary")
    bar_says(page, NAMELESS)
    put_away(page)
    page = context.new_page()
    page.goto(f"{tasks(visit)}proof/")
    expect(line(page)).to_contain_text(NAMELESS)
    context.set_offline(False)
    page.check("[value=sign]")
    expect(line(page)).to_contain_text(SENT, timeout=20_000)
    assert [row[0] for row in proofs()] == ["sign"]
    page.check("[value=receipt]")  # on second thought
    until(lambda: [row[0] for row in proofs()] == ["receipt"], page)


def test_a_proof_can_be_covered_replaced_and_left_out(phone, visit, taken, tmp_path, settings):
    settings.PHOTO_GRACE_SECONDS = 600
    page = phone().new_page()
    page.goto(f"{tasks(visit)}proof/")
    page.check("[value=receipt]")
    page.set_input_files("#id_photo", str(taken))
    page.click("#proof button:has-text('Che mặt, giấy tờ')")
    page.click("dialog button:has-text('Cắt ảnh')")
    box = page.locator("dialog canvas").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    page.click("dialog button:has-text('Dùng ảnh này')")
    expect(page.locator("dialog")).to_have_count(0)
    assert not Photo.objects.exists()
    page.click(".dock .btn-primary")  # whoever presses covers no more
    page.wait_for_url(f"**{tasks(visit)}")
    ((_kind, width, height),) = proofs()
    assert width < 700
    assert height < 900
    page.goto(f"{tasks(visit)}proof/")
    settings.PHOTO_GRACE_SECONDS = 0
    page.reload()
    (tmp_path / "sign.jpg").write_bytes(sheets.picture("gold", size=(800, 600)).read())
    page.check("[value=sign]")
    page.set_input_files("#id_photo", str(tmp_path / "sign.jpg"))
    until(lambda: proofs() == [("sign", 800, 600)], page)
    page.click("#proof [data-photos] button:has-text('Gỡ ảnh')")
    until(lambda: proofs() == [], page)


def test_a_proof_without_a_network_is_waited_for_by_the_submission(phone, visit, people, taken):
    complete(visit, people.shopper)
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}proof/")
    page.check("[value=ticket]")
    page.set_input_files("#id_photo", str(taken))
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    page.goto(f"{tasks(visit)}check/")
    page.click(".submit .btn-primary")
    bar_says(page, "Ảnh chưa gửi: 1.")
    bar_says(page, KEPT)  # its try has ended: what is sent from now on is submitted by the next tap
    context.set_offline(False)
    until(lambda: proofs() != [], page)
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert visit.submissions.get().photos == 2


def test_a_photo_that_only_the_server_can_read_says_so(phone, visit, tmp_path):
    heic = tmp_path / "photo.heic"
    pillow_heif.from_pillow(Image.new("RGB", (800, 600), "olive")).save(heic)
    page = phone().new_page()
    page.goto(f"{tasks(visit)}proof/")
    page.check("[value=sign]")
    page.set_input_files("#id_photo", str(heic))
    item = page.locator("#proof [data-photos] li")
    expect(item).to_contain_text("Máy này không đọc được ảnh")
    expect(item.locator("button:has-text('Không che được tại đây')")).to_be_disabled()
    until(lambda: proofs() == [("sign", 800, 600)], page)
    page.evaluate(
        """async () => {
            const words = JSON.parse(document.getElementById("phone-words").textContent);
            smile.cover(new Blob(["no picture"]), words, () => {});
        }"""
    )
    expect(page.locator("dialog")).to_contain_text("Máy này không đọc được ảnh")
    page.click("dialog button")
    expect(page.locator("dialog")).to_have_count(0)
    with default_storage.open(Photo.objects.get().file) as file:
        assert not Image.open(file).getexif()


def test_a_proof_taken_back_on_its_page_is_not_missed_when_the_visit_is_submitted(phone, visit, people, taken):
    complete(visit, people.shopper)
    page = phone().new_page()
    page.goto(f"{tasks(visit)}proof/")
    page.check("[value=ticket]")
    page.set_input_files("#id_photo", str(taken))
    expect(line(page)).to_contain_text(SENT, timeout=20_000)
    page.goto(f"{tasks(visit)}proof/")
    page.click("[data-stored] button")
    expect(page.locator("[data-stored]")).to_have_count(0)
    page.goto(f"{tasks(visit)}check/")
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert proofs() == []
