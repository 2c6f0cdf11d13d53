"""The tags and filters that every template has at hand."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from outlets.people import held
from outlets.phone import PhoneRefused, parse_phone, show_phone

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An icon of static/img/icons.svg. Without a label it is decoration and hidden from screen readers."""
    address = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 20 20" role="img" aria-label="{}"><use href="{}"/></svg>', label, address
        )
    return format_html('<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag(takes_context=True)
def form_owner(context):
    """The signed owner of a form, so that what was typed survives an expired log-in (outlets.people.held)."""
    user = context["request"].user
    if not user.is_authenticated:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', held.OWNER_FIELD, held.owner_token(user))


@register.filter
def score(percent: int | None) -> str:
    """A stored percentage (percent x 10,000) as shown: one decimal, half up. Empty when there is none."""
    if percent is None:
        return ""
    tenths = (abs(percent) + 500) // 1_000  # in integers: a page writes hundreds
    sign = "-" if percent < 0 and tenths else ""
    return f"{sign}{tenths // 10}{formats.get_format('DECIMAL_SEPARATOR')}{tenths % 10}"


@register.filter
def signed(percent: int | None) -> str:
    """A difference of stored percentages as shown, with its sign: +3,3, −0,4, 0,0."""
    shown = score(percent)
    if percent is None or not any(digit in shown for digit in "123456789"):
        return shown.removeprefix("-")
    return f"+{shown}" if percent > 0 else shown.replace("-", "−")


@register.filter
def exact(percent: int | None) -> str:
    """A stored percentage to all its four decimals."""
    if percent is None:
        return ""
    return formats.number_format(Decimal(percent) / 10_000, 4, force_grouping=True).replace("-", "−")


@register.filter
def number(value) -> str:
    """A count or a measured value as the reader's language writes it, without needless zeros."""
    if value is None or value == "":
        return ""
    if isinstance(value, int):
        return formats.number_format(value, 0, force_grouping=True)
    plain = Decimal(value).normalize()
    places = max(0, -int(plain.as_tuple().exponent))
    return formats.number_format(plain, places, force_grouping=True)


@register.filter
def long_day(moment: date | datetime) -> str:
    """A day with its name, in the reader's language: Thứ Năm, 12/11/2026. A time is cut to its local day."""
    return formats.date_format(_local_day(moment), "l, d/m/Y")


@register.filter
def relative_day(moment: date | datetime, today: date) -> str:
    """How far a day lies from `today`, in words: today, yesterday, tomorrow, 3 days ago, in 3 days."""
    days = (_local_day(moment) - today).days
    if abs(days) <= 1:
        return {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}[days]
    if days < 0:
        return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}


def _local_day(moment: date | datetime) -> date:
    return timezone.localdate(moment) if isinstance(moment, datetime) else moment


@register.filter
def telephone(e164: str) -> str:
    """A stored telephone number in groups, as people read it."""
    return show_phone(e164)


@register.filter
def dialled(e164: str) -> str:
    """The number for a `tel:` link; empty for one that no telephone would ring, as the masked ones of a demo."""
    try:
        return parse_phone(e164).e164
    except PhoneRefused:
        return ""


@register.filter
def share(part: int, whole: int) -> str:
    """`part` of `whole` as a length from 0 to 100 for an SVG attribute, with a point whatever the language."""
    return f"{100 * part / whole:.2f}" if whole else "0"
