"""Choosing a unit by typing: by code, by name, by words; and among several without a script."""

import unicodedata

import pytest
from django import forms

from outlets.models import Unit
from outlets.organisation.forms import UnitField
from tests import worlds

pytestmark = pytest.mark.django_db


class UnitForm(forms.Form):
    unit = UnitField()


@pytest.fixture
def at():
    return worlds.places()


def chosen(typed, **more):
    form = UnitForm({"unit": typed, **more})
    return form.cleaned_data["unit"] if form.is_valid() else form.errors["unit"].as_data()[0].code


@pytest.mark.parametrize("typed", ["HNI-DD", "hni-dd", " HNI-DD ", "Phòng bán hàng Đống Đa", "ban hang dong da"])
def test_a_unit_is_found_by_code_name_or_words_of_its_own(at, typed):
    assert chosen(typed) == at.dong_da


@pytest.mark.parametrize(
    "typed", ["ban hang DONG", "bán hàng Đống", unicodedata.normalize("NFD", "bán hàng Đống"), "bán hàng Ðống"]
)
def test_marks_case_composition_and_eth_do_not_matter(at, typed):
    assert chosen(typed) == at.dong_da


def test_a_code_wins_over_names_that_hold_it(at):
    worlds.unit("X1", "Tổ AGG", parent=at.group)
    assert chosen("AGG") == at.an_giang


def test_a_whole_name_wins_over_longer_ones(at):
    longer = worlds.unit("X1", "VNPT An Giang 2", parent=at.group)
    assert (chosen("VNPT An Giang"), chosen("VNPT An Giang 2")) == (at.an_giang, longer)


@pytest.mark.parametrize("typed", ["không có", "***", "AGG-LX-99"])
def test_nothing_fitting_is_said(at, typed):
    assert chosen(typed) == "unknown"


def test_a_closed_unit_is_not_offered(at):
    Unit.objects.filter(pk=at.long_xuyen.pk).update(closed_on=worlds.TODAY)
    assert chosen("Phòng bán hàng Long Xuyên") == "unknown"


def test_the_code_of_a_closed_unit_never_takes_one_whose_code_begins_like_it(at):
    Unit.objects.filter(pk=at.dong_da.pk).update(closed_on=worlds.TODAY)
    assert chosen("HNI-DD") == "part"
    assert chosen("HNI-DD", **{"unit-asked": "HNI-DD", "unit-pick": "HNI-DD-01"}) == at.far_counter.unit


def test_several_are_offered_with_code_and_place(at):
    form = UnitForm({"unit": "long xuyen"})
    assert form.errors["unit"].as_data()[0].code == "several"
    html = form.as_div()
    assert 'value="AGG-LX"' in html
    assert 'value="AGG-LX-01"' in html
    assert "AGG-LX-01 · Phòng bán hàng Long Xuyên" in html


def test_more_than_ten_are_cut_and_it_says_so(at):
    for number in range(11):
        worlds.unit(f"N{number}", f"Nhóm {number}", parent=at.group)
    form = UnitForm({"unit": "nhom"})
    assert form.errors["unit"].as_data()[0].code == "many"
    assert form.as_div().count('type="radio"') == 10


def test_the_button_chosen_for_the_same_text_decides(at):
    assert chosen("long xuyen", **{"unit-asked": "long xuyen", "unit-pick": "AGG-LX"}) == at.long_xuyen


def test_a_button_chosen_for_another_text_does_not(at):
    assert chosen("HNI", **{"unit-asked": "long xuyen", "unit-pick": "AGG-LX"}) == at.ha_noi


def test_an_optional_field_left_empty_gives_none():
    field = UnitField(required=False)
    assert field.clean("  ") is None


def test_an_initial_unit_is_shown_by_its_code(at):
    assert 'value="HNI-DD"' in UnitForm(initial={"unit": at.dong_da}).as_div()


@pytest.mark.parametrize(("typed", "queries"), [("HNI-DD", 1), ("ban hang dong da", 2), ("long xuyen", 3)])
def test_number_of_queries(at, django_assert_num_queries, typed, queries):
    with django_assert_num_queries(queries):
        UnitForm({"unit": typed}).is_valid()
