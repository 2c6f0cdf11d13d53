"""The main menu: for each role what it may open, and where the reader is."""

import pytest

from tests import worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

MENUS = {
    "shopper": ["Lượt của tôi", "Lượt đã làm"],
    "reviewer": ["Trang đầu", "Duyệt phiếu", "Phiếu đã nhận", "Bộ tiêu chí"],
    "coordinator": ["Trang đầu", "Đợt đánh giá", "Kịch bản", "Khách hàng bí mật", "Bộ tiêu chí"],
    "office": [
        "Trang đầu",
        "Đợt đánh giá",
        "Kịch bản",
        "Khách hàng bí mật",
        "Duyệt phiếu",
        "Phiếu đã nhận",
        "Chốt tháng",
        "Bảng kết quả",
        "Ý kiến của đơn vị",
        "Bộ tiêu chí",
    ],
    "manager": ["Trang đầu", "Bảng kết quả", "Ý kiến của đơn vị", "Bộ tiêu chí"],
    "observer": ["Trang đầu", "Bảng kết quả", "Bộ tiêu chí"],
    "editor": ["Trang đầu", "Bộ tiêu chí"],
    "staff": ["Trang đầu", "Bộ tiêu chí"],
    "sysadmin": ["Trang đầu", "Bộ tiêu chí", "Đơn vị", "Điểm phục vụ", "Nhân viên", "Tài khoản"],
}


@kept
def people():
    return worlds.people(worlds.places())


def menu(client, user, path):
    client.force_login(user)
    return client.get(path, follow=True).context["menu"]


@pytest.mark.parametrize(("role", "labels"), MENUS.items())
def test_the_menu_holds_what_a_role_may_open(client, people, role, labels):
    assert [str(entry.label) for entry in menu(client, people.all[role], "/")] == labels


@pytest.mark.parametrize("role", MENUS)
def test_every_entry_of_the_menu_opens(client, people, role):
    entries = menu(client, people.all[role], "/")
    opened = {entry.url: client.get(entry.url, follow=True).status_code for entry in entries}
    assert opened == {entry.url: 200 for entry in entries}


@pytest.mark.parametrize(
    ("role", "path", "current"),
    [
        ("office", "/", ["Trang đầu"]),
        ("office", "/plan/waves/new/", ["Đợt đánh giá"]),
        ("shopper", "/", ["Lượt của tôi"]),
        ("shopper", "/visits/done/", ["Lượt đã làm"]),
        ("staff", "/password/", []),
    ],
)
def test_the_menu_marks_where_the_reader_is(client, people, role, path, current):
    assert [str(entry.label) for entry in menu(client, people.all[role], path) if entry.is_current] == current


def test_nobody_and_who_has_no_role_have_no_menu(client, people):
    assert client.get("/login/").context["menu"] == ()
    assert menu(client, worlds.user("nobody"), "/") == ()


def test_the_header_says_who_i_am_in_which_role_and_unit(client, people):
    client.force_login(people.manager)
    html = client.get("/").content.decode()
    assert "<b>Người manager</b><span>VNPT An Giang · Lãnh đạo đơn vị</span>" in html
    assert '<button name="language" value="en" lang="en" aria-label="EN – English">' in html
