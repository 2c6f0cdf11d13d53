"""Who may open what: every URL of the product, in one table. An address missing here fails the suite.

A row names a URL, its methods (any other method is 405) and, for each role, the objects it may open.
A role that is not named gets 403 whatever the object; a named role gets 404 for an object it is not
given here, the same 404 as for one that does not exist. Nobody signed in: a redirect to the log-in,
unless the row is `open_to_all`. Roles are the account names of worlds.people().

Objects, seen from the first shopper and from the manager of An Giang:
  own      the first shopper's visit, or what belongs to An Giang
  sibling  another shopper's visit at the same outlet, or the next unit in An Giang
  foreign  a visit, or what belongs to Hà Nội
  missing  an id that nothing has
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN, SIBLING, FOREIGN = "own", "sibling", "foreign"
ANY = frozenset({OWN, SIBLING, FOREIGN})
EVERYBODY = (
    "shopper", "shopper2", "reviewer", "coordinator", "office", "manager", "manager2", "outlethead",
    "editor", "observer", "staff", "sysadmin",
)  # fmt: skip
EMPLOYEES = EVERYBODY[2:]


@dataclass(frozen=True)
class Row:
    """`target` names what the URL's object is (a key of test_access.targets()); empty for a URL without one.

    `post` is the body that a POST needs to be understood; `done` the statuses of an allowed request.
    """

    url: str
    methods: tuple[str, ...]
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    target: str = ""
    post: Mapping[str, str] = field(default_factory=dict)
    done: tuple[int, ...] = (200, 302, 409, 422)
    open_to_all: bool = False


GET = ("GET", "HEAD", "OPTIONS")
POST = ("POST", "OPTIONS")
FORM = ("GET", "HEAD", "POST", "OPTIONS")


def to(*roles: str, only: frozenset[str] = ANY) -> dict[str, frozenset[str]]:
    return dict.fromkeys(roles, only)


HOUSE = (
    Row("home", GET, to(*EVERYBODY)),
    Row("login", FORM, open_to_all=True),
    Row("logout", POST, to(*EVERYBODY), open_to_all=True),
    Row("language_set", POST, open_to_all=True),
    Row("healthz", GET, open_to_all=True),
    Row("readyz", GET, open_to_all=True),
    Row("components", GET, to(*EMPLOYEES)),
)
ORGANISATION: tuple[Row, ...] = (
    Row("outlets:unit_list", GET, to("sysadmin")),
    Row("outlets:unit_create", FORM, to("sysadmin")),
    Row("outlets:unit_detail", GET, to("sysadmin"), target="unit"),
    Row("outlets:unit_outlets", GET, to("sysadmin"), target="unit"),
    Row("outlets:unit_rename", FORM, to("sysadmin"), target="unit"),
    Row("outlets:unit_move", FORM, to("sysadmin"), target="unit"),
    Row("outlets:unit_merge", FORM, to("sysadmin"), target="unit"),
    Row("outlets:unit_split", FORM, to("sysadmin"), target="unit"),
    Row("outlets:unit_close", FORM, to("sysadmin"), target="unit"),
    Row("outlets:outlet_list", GET, to("sysadmin")),
    Row("outlets:outlet_create", FORM, to("sysadmin")),
    Row("outlets:outlet_edit", FORM, to("sysadmin"), target="outlet"),
    Row("outlets:staff_list", GET, to("sysadmin")),
    Row("outlets:staff_create", FORM, to("sysadmin")),
    Row("outlets:staff_detail", GET, to("sysadmin"), target="staff"),
    Row("outlets:staff_edit", FORM, to("sysadmin"), target="staff"),
    Row("outlets:staff_move", FORM, to("sysadmin"), target="staff"),
    Row("outlets:staff_leave", FORM, to("sysadmin"), target="staff"),
)
ACCOUNTS: tuple[Row, ...] = ()
CHECKLISTS: tuple[Row, ...] = ()
PLANNING: tuple[Row, ...] = ()
VISITS: tuple[Row, ...] = ()
REVIEW: tuple[Row, ...] = ()

TABLE: tuple[Row, ...] = (*HOUSE, *ORGANISATION, *ACCOUNTS, *CHECKLISTS, *PLANNING, *VISITS, *REVIEW)
