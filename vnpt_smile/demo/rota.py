"""Which shopper of the demo goes where: a team for each province and month, never twice too soon, never blocked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from audits.fieldwork.planning.schedule import Window, months_apart
from outlets.models import User

TEAM = 3  # shoppers who share a province in a month
# The provinces of each half of the country by the first letters of their codes; the first is the home of
# the half's first shopper in the running month.
HALVES = (("ANG", "HCM", "DNI"), ("HNI", "DNG", "LCI"))
JOINED = {"AGG": "ANG", "KGG": "ANG", "BPC": "DNI", "YBI": "LCI"}


class Rota:
    """Hands out shoppers. The first lives in the south, the second in the north, and so on in turn."""

    def __init__(
        self, shoppers: Sequence[User], *, today: date, apart: int, blocked: Iterable[tuple[int, int]] = ()
    ) -> None:
        self._halves = (shoppers[0::2], shoppers[1::2])
        self._today, self._apart = today, apart
        self._blocked = frozenset(blocked)
        self._stays: dict[tuple[int, int], list[Window]] = defaultdict(list)
        self._load: Counter[tuple[int, int]] = Counter()

    def pick(self, code: str, outlet_id: int, window: Window, *, by_phone: bool = False) -> User | None:
        """The shopper for a visit at the outlet with that code, or None when nobody may go."""
        province = JOINED.get(code[:3], code[:3])
        half = 0 if province in HALVES[0] else 1
        month = (window.opens_on.year - self._today.year) * 12 + window.opens_on.month - self._today.month
        near, far = self._halves[half], self._halves[1 - half]
        first = TEAM * month + (TEAM + 1) * HALVES[half].index(province)
        team = [near[(first + number) % len(near)] for number in range(TEAM)]

        def rested(users: Sequence[User]) -> list[User]:
            return sorted(users, key=lambda user: self._load[user.pk, month])

        choice = rested([*near, *far]) if by_phone else [*rested(team), *rested(near), *rested(far)]
        for user in choice:
            if self.may(user, outlet_id, window):
                self.note(user, outlet_id, window, month)
                return user
        return None

    def may(self, user: User, outlet_id: int, window: Window) -> bool:
        """Whether the shopper is neither blocked there nor back too soon."""
        if (user.pk, outlet_id) in self._blocked:
            return False
        earliest, latest = months_apart(window.opens_on, -self._apart), months_apart(window.due_on, self._apart)
        return not any(stay.due_on > earliest and stay.opens_on < latest for stay in self._stays[user.pk, outlet_id])

    def note(self, user: User, outlet_id: int, window: Window, month: int = 0) -> None:
        """Counts a visit of the shopper."""
        self._stays[user.pk, outlet_id].append(window)
        self._load[user.pk, month] += 1
