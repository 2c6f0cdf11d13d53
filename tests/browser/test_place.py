"""A place is read from the phone once, after its owner's consent, and only then."""

import pytest
from django.urls import reverse

from audits.models import Place
from outlets.models import Outlet
from tests.browser.phones import expect

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

HERE = {"latitude": 10.3866, "longitude": 105.4351, "accuracy": 20}


@pytest.fixture
def page(phone, visit):
    Outlet.objects.filter(pk=visit.outlet_id).update(latitude="10.3865", longitude="105.4351")
    context = phone()
    context.set_geolocation(HERE)
    page = context.new_page()
    page.goto(reverse("audits:visit_proof", args=[visit.public_id]))
    return page


def agree(page):
    page.check("[data-place] [name=is_agreed]")
    page.click("[data-place] button")


def test_a_place_is_read_once_and_told_coarsely(page):
    page.context.grant_permissions(["geolocation"])
    agree(page)
    expect(page.locator(".messages")).to_contain_text("cách điểm giao dịch dưới 200 m")
    assert Place.objects.get().band == "near"
    page.click("button:has-text('Rút lại đồng ý và xóa')")
    expect(page.locator("[data-place]")).to_have_count(1)
    assert Place.objects.get().latitude is None


def test_without_the_box_the_phone_is_not_asked(page):
    page.context.grant_permissions(["geolocation"])
    page.click("[data-place] button")
    expect(page.locator("[data-place]")).to_contain_text("Chưa có sự đồng ý")
    assert [page.input_value(f"[name={name}]") for name in HERE] == [""] * 3
    assert not Place.objects.exists()


def test_a_phone_that_does_not_allow_it_says_so(page):
    agree(page)
    expect(page.locator("[data-says]")).to_contain_text("Máy không cho phép lấy vị trí")
    expect(page.locator("[data-place] button")).to_be_enabled()
    assert not Place.objects.exists()


def test_without_a_network_nothing_is_lost(page):
    page.context.grant_permissions(["geolocation"])
    page.context.set_offline(True)
    agree(page)
    expect(page.locator("[data-says]")).to_contain_text("Hiện không có mạng")
    page.context.set_offline(False)
    page.click("[data-place] button")
    expect(page.locator(".messages")).to_contain_text("Đã ghi")
