"""What units have asked to be looked at again since the latest closing: some wait, one was kept, one upheld."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from audits import scoring
from audits.models import Answer, Block, Period, SecondLook
from audits.results.actions import CorrectedValue
from audits.results.second_looks import actions as asking
from audits.results.second_looks import queries
from audits.results.second_looks.queries import Askable
from outlets.models import User
from outlets.people.permissions import access_of
from vnpt_smile.demo.dates import local
from vnpt_smile.demo.people import Team

FULL = {scoring.Kind.YES_NO: "yes", scoring.Kind.THREE_STEP: "met"}
REASONS = (
    "Nội dung này đã được bố trí từ đầu quý, có biên bản nghiệm thu. Đề nghị xem lại giúp đơn vị.",
    "Đơn vị đã kiểm tra lại tại chỗ, hiện trạng đúng theo tiêu chí. Mong Ban chương trình xem lại ảnh đã chụp.",
    "Tiêu chí này có thể đã được hiểu khác: biển hướng dẫn đặt bên trong sảnh, sát lối vào, không đặt ngoài cửa.",
)
KEPT = "Ảnh chụp và ghi chép cho thấy kết quả đã ghi là đúng. Mong đơn vị tiếp tục cải thiện nội dung này."
UPHELD = "Ảnh chụp cho thấy tiêu chí đã đạt. Kết quả được đính chính, cảm ơn đơn vị đã nêu ý kiến."


def ask(*, today: date, team: Team) -> None:
    """Four requests of An Giang's managers about the latest closed month, as far as days have passed since."""
    period = Period.objects.order_by("-month").first()
    if period is None:
        return
    office, manager, head = (team.by_name[name] for name in ("office", "manager", "outlethead"))
    closed_on = timezone.localdate(period.closed_at)
    found = _askable(period, manager)
    for place, (block, criterion) in enumerate(found):
        day = closed_on + timedelta(days=1 + place)
        if day >= today or place >= len(REASONS) + 1:
            return
        is_heads = queries.may_ask(access_of(head), block)
        by, reason = head if is_heads else manager, REASONS[place % len(REASONS)]
        look = asking.ask(
            block=block, code=criterion.code, reason=reason, attachments=[], by=by, at=local(day, 9 + place)
        )
        if place in (1, 2) and day + timedelta(days=1) < today:
            _rule(look, office, day + timedelta(days=1), is_upheld=place == 2)


def _askable(period: Period, manager: User) -> Iterator[tuple[Block, Askable]]:
    """The costliest criterion that has a plain answer, of one block after the other."""
    for block in queries.own_blocks(access_of(manager)).filter(period=period).order_by("outlet__unit__code", "pk"):
        plain = [each for each in queries.askable(block) if each.criterion.kind in FULL and each.not_met]
        if plain:
            yield block, max(plain, key=lambda each: (each.not_met, each.criterion.weight, each.code))


def _rule(look: SecondLook, office: User, day: date, *, is_upheld: bool) -> None:
    if not is_upheld:
        asking.keep(second_look=look, ruling=KEPT, by=office, at=local(day, 14))
        return
    missed = Answer.objects.filter(visit__published__block=look.block_id, criterion__code=look.criterion.code, result=0)
    answer = missed.select_related("visit__published", "criterion").order_by("pk")[0]
    value = CorrectedValue(FULL[scoring.Kind(answer.criterion.kind)])
    asking.uphold(second_look=look, ruling=UPHELD, values={answer.visit: value}, by=office, at=local(day, 15))
