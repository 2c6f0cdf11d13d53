"""What shoppers and reviewers of the demo write: notes, narratives, remarks. Varied, natural, and never a name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from audits import scoring
from audits.scoring import Outcome

FOLDER = Path(__file__).with_name("words")
_OUTCOMES = {"-": Outcome.NOT_MET, "~": Outcome.PARTLY, "0": Outcome.NOT_APPLICABLE}

Results = Mapping[str, int | None]  # by criterion code, 0 to 100
Numbers = Mapping[str, Decimal]


@cache
def notes() -> Mapping[tuple[str, Outcome], Sequence[str]]:
    """The notes by criterion code and outcome."""
    found: dict[tuple[str, Outcome], list[str]] = defaultdict(list)
    for line in _lines("notes.txt"):
        code, sign, text = line.split(" ", 2)
        found[code, _OUTCOMES[sign]].append(text)
    return found


@cache
def name_parts() -> Mapping[str, Sequence[str]]:
    """Parts of people's names by what they are."""
    pairs = (line.split(": ") for line in _lines("names.txt"))
    return {what: parts.split(", ") for what, parts in pairs}


def _lines(name: str) -> list[str]:
    """The lines of a file of sentences, without its remarks."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def note(rng: Random, code: str, outcome: Outcome, number: Decimal | None = None) -> str:
    """A note beside an answer; a general one for a criterion that the list does not know."""
    texts = notes().get((code, outcome)) or _GENERAL[outcome]
    return rng.choice(texts).format(n="" if number is None else f"{number:f}")


_GENERAL = {
    Outcome.NOT_MET: ("Lúc tôi đến chưa thực hiện nội dung này.", "Tôi chờ đến cuối vẫn không thấy."),
    Outcome.PARTLY: ("Có thực hiện nhưng chưa đầy đủ.",),
    Outcome.NOT_APPLICABLE: ("Điểm không có nội dung này.",),
}

WAIVERS = (
    "Có khách ngồi trong khung hình.",
    "Nhân viên đứng sát bảng, không chụp được mà không có người.",
    "Chụp lúc đó dễ bị nhận ra.",
    "Bảo vệ đề nghị không chụp ảnh.",
)

REMARKS = {
    "note": (
        "Ghi chú chưa nói rõ thiếu nội dung nào, Anh/Chị bổ sung giúp một câu.",
        "Đề nghị ghi thêm thời điểm và việc đã diễn ra, để đơn vị biết cần làm gì.",
    ),
    "photo": (
        "Ảnh chưa đọc được chữ, Anh/Chị gửi giúp ảnh khác đã chụp hôm đó.",
        "Ảnh chụp chưa đúng nội dung của tiêu chí, đề nghị gửi ảnh khác nếu có.",
    ),
    "number": ("Thời gian ghi ở đây khác với phần kể lại, đề nghị xem lại giúp.",),
}
ADDED = (
    " Việc này diễn ra ngay khi tôi ngồi xuống, lúc quầy không có khách khác.",
    " Tôi quan sát lại lần nữa trước khi về, vẫn như vậy.",
    " Sự việc kéo dài khoảng hai phút.",
)

NOT_POSSIBLE = {
    "closed": (
        "Điểm đóng cửa cả buổi sáng, trên cửa không có thông báo. Hàng xóm nói nghỉ từ hôm trước.",
        "Cửa cuốn đóng, có giấy báo mất điện đến hết ngày.",
    ),
    "moved": ("Địa chỉ này giờ là cửa hàng khác; người bên cạnh nói điểm đã dời đi tuần trước.",),
    "refused": ("Nhân viên nói hệ thống ngừng để nâng cấp, hẹn khách quay lại ngày khác.",),
    "recognised": ("Nhân viên hỏi thẳng có phải khách hàng bí mật không, tôi xin phép ra về.",),
    "unsafe": ("Mưa lớn, đường trước điểm ngập gần nửa mét, không đi tiếp được.",),
}
VOIDED = (
    "Trùng với một lượt khác tại cùng điểm trong tuần.",
    "Điểm sửa chữa cả tháng, chuyển sang tháng sau.",
    "Kịch bản không còn phù hợp sau khi thay đổi gói cước.",
)
_MET = {
    "counter": ("Giao dịch viên nữ, khoảng 30 tuổi, quầy số {n}", "Giao dịch viên nam trẻ, đeo kính, quầy số {n}",
                "Giao dịch viên nữ, tóc ngắn, quầy ngoài cùng"),
    "hotline": ("Điện thoại viên nữ, giọng miền Bắc", "Điện thoại viên nam, giọng miền Nam", "Điện thoại viên nữ, trẻ"),
    "technician": ("Nhân viên kỹ thuật nam, khoảng 35 tuổi", "Hai nhân viên kỹ thuật, người lớn tuổi làm chính"),
    "sales": ("Nhân viên kinh doanh nữ, khoảng 25 tuổi", "Nhân viên kinh doanh nam, đi xe máy có thùng hàng"),
}  # fmt: skip


def met(rng: Random, channel: str) -> str:
    """Somebody whom the shopper could not name."""
    return rng.choice(_MET[channel]).format(n=rng.randint(1, 4))


# --- What a visit was like --------------------------------------------------------------------


def narrative(rng: Random, channel: str, results: Results, numbers: Numbers, started: datetime, left: datetime) -> str:
    """The visit in the order of time, in three to six sentences that agree with the answers."""
    facts = {"start": f"{started:%H:%M}", "end": f"{left:%H:%M}"}
    facts |= {code.replace("-", ""): f"{number:f}" for code, number in numbers.items()}
    told = []
    for moment in _stories().get(channel, ()):
        values = [result for code in moment.codes if (result := results.get(code)) is not None]
        if moment.codes and not values:
            continue
        went_well = not values or min(values) >= 50
        told.append(rng.choice(moment.well if went_well else moment.not_so).format_map(_Facts(facts)))
    return " ".join(told) or rng.choice(("Mọi việc diễn ra nhanh, đúng trình tự.", "Tôi đi một vòng rồi về."))


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "vài"


@dataclass(frozen=True)
class _Moment:
    """One step of a visit: the criteria that decide how it went, and the sentences for well and for not."""

    codes: tuple[str, ...]
    well: tuple[str, ...]
    not_so: tuple[str, ...]


@cache
def _stories() -> Mapping[str, Sequence[_Moment]]:
    found: dict[str, list[_Moment]] = defaultdict(list)
    channel = ""
    for line in _lines("stories.txt"):
        sign, text = line[0], line[2:]
        if sign == "=":
            channel = text
        elif sign == "?":
            found[channel].append(_Moment(tuple(text.split()), (), ()))
        else:
            last = found[channel][-1]
            name = "well" if sign == "+" else "not_so"
            found[channel][-1] = replace(last, **{name: (*getattr(last, name), text)})
    return found


@cache
def _themes() -> Mapping[tuple[str, str], Sequence[str]]:
    """What is said of a theme, by its code and "+" or "-"."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    theme = ""
    for line in _lines("themes.txt"):
        if line[0] == "=":
            theme = line[2:]
        else:
            found[theme, line[0]].append(line[2:])
    return found


_ALL_GOOD = ("giữ được như hôm nay", "lúc đông khách vẫn như vậy")


def praise(rng: Random, rules: Sequence[scoring.Rule], results: Results) -> str:
    """One thing to praise and one to improve, from the themes where most was earned and lost."""
    lost: dict[str, float] = defaultdict(float)
    for rule in rules:
        result = results.get(rule.code)
        if rule.theme and result is not None:
            lost[rule.theme] += float(rule.weight) * (100 - result)
    if not lost:
        return "Điểm chưa có thiết bị, tôi ghi lại để Văn phòng Chương trình nắm."
    best, worst = min(lost, key=lost.__getitem__), max(lost, key=lost.__getitem__)
    good = rng.choice(_themes().get((best, "+"), ("phục vụ chu đáo",)))
    better = rng.choice(_themes().get((worst, "-"), _ALL_GOOD) if lost[worst] else _ALL_GOOD)
    return rng.choice(
        ("Đáng khen: {}. Nên cải thiện: {}.", "Khen: {}. Góp ý: {}.", "Điều tôi thích nhất: {}; nếu được thì {}.")
    ).format(good, better)
