"""Who may open what: every URL of the product, in one table. An address missing here fails the suite.

A row names a URL, its methods (any other method is 405, but GET of an address that takes
forms only leads to the page above it) and, for each role, the objects it may open.
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
    by_token: bool = False  # a cookie opens nothing: tests/audits/results/exports/test_api.py tries it with tokens


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
    Row("service_worker", GET, open_to_all=True),
    Row("offline", GET, open_to_all=True),
    Row("components", GET, to("office", "editor", "sysadmin")),
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
# A token is nobody's but its owner's.
OF_TOKENS = {
    **to("manager", only=frozenset({OWN})),
    **to("manager2", only=frozenset({FOREIGN})),
    **to("outlethead", only=frozenset({SIBLING})),
    **to("office", "observer", only=frozenset()),
}
ACCOUNTS: tuple[Row, ...] = (
    Row("outlets:account_list", GET, to("sysadmin")),
    Row("outlets:account_create", FORM, to("sysadmin")),
    Row("outlets:account_detail", GET, to("sysadmin"), target="account"),
    Row("outlets:account_disable", POST, to("sysadmin"), target="account"),
    Row("outlets:account_enable", POST, to("sysadmin"), target="account"),
    Row("outlets:account_link", POST, to("sysadmin"), target="account"),
    Row("outlets:membership_grant", FORM, to("sysadmin"), target="account"),
    Row("outlets:membership_end", FORM, to("sysadmin"), target="membership"),
    Row("outlets:token_list", FORM, to("office", "manager", "manager2", "outlethead", "observer")),
    Row("outlets:token_revoke", POST, OF_TOKENS, target="token"),
    Row("outlets:password_change", FORM, to(*EVERYBODY)),
    Row("outlets:password_set", FORM, open_to_all=True, target="link", done=(200, 302, 404, 410, 422)),
)
EDITORS = to("editor")
CHECKLISTS: tuple[Row, ...] = (
    Row("audits:checklist_list", GET, to(*EMPLOYEES)),
    Row("audits:checklist_detail", GET, to(*EMPLOYEES), target="checklist"),
    Row("audits:version_detail", GET, to("office", "editor"), target="version"),
    Row("audits:version_compare", GET, to("office", "editor"), target="version"),
    Row("audits:version_preview", FORM, to("office", "editor"), target="version"),
    Row("audits:version_health", GET, to("office", "editor"), target="version"),
    Row("audits:version_whatif", GET, to("office", "editor"), target="version"),
    Row("audits:version_whatif_export", GET, to("office", "editor"), target="version"),
    Row("audits:version_whatif_xlsx_export", GET, to("office", "editor"), target="version"),
    Row("audits:checklist_create", FORM, to("editor")),
    Row("audits:version_export", GET, to("office", "editor"), target="version"),
    Row("audits:version_import", FORM, to("editor"), target="version"),
    Row("audits:draft_create", POST, to("editor"), target="version"),
    Row("audits:draft_edit", GET, to("office", "editor"), target="draft"),
    Row("audits:draft_discard", FORM, EDITORS, target="draft"),
    Row("audits:draft_section_add", POST, EDITORS, target="draft"),
    Row("audits:draft_section_edit", POST, EDITORS, target="draft_section"),
    Row("audits:criterion_add", POST, EDITORS, target="draft_section"),
    Row("audits:criterion_edit", POST, EDITORS, target="draft_criterion"),
    Row("audits:library_list", GET, EDITORS, target="draft"),
    Row("audits:library_add", POST, EDITORS, target="draft", post={"of": "TQ", "code": "A1", "section": "A"}),
    Row("audits:change_list", GET, EDITORS, target="draft"),
    Row("audits:change_undo", POST, EDITORS, target="draft_step"),
    Row("audits:picture_edit", POST, EDITORS, target="draft_criterion"),
    Row("audits:example_picture", GET, to(*EMPLOYEES), target="example"),
    Row("audits:example_thumbnail", GET, to(*EMPLOYEES), target="example"),
    Row("audits:draft_settings", FORM, EDITORS, target="draft"),
    Row("audits:draft_propose", FORM, EDITORS, target="draft"),
    Row("audits:proposal_withdraw", POST, EDITORS, target="proposal"),
    Row("audits:proposal_decide", FORM, to("office"), target="proposal"),
    Row("audits:version_retire", FORM, to("office"), target="version"),
)
# What is planned belongs to nobody in particular: one object of each kind stands for all.
PLANNERS = to("coordinator", "office", only=frozenset({OWN}))
PLANNING: tuple[Row, ...] = (
    Row("audits:wave_list", GET, PLANNERS),
    Row("audits:wave_create", FORM, PLANNERS),
    Row("audits:wave_detail", GET, PLANNERS, target="wave"),
    Row("audits:wave_edit", FORM, PLANNERS, target="wave"),
    Row("audits:wave_extend", FORM, PLANNERS, target="wave"),
    Row("audits:wave_cancel", FORM, PLANNERS, target="wave"),
    Row("audits:visit_plan_list", GET, PLANNERS, target="wave"),
    Row("audits:visit_assign_many", FORM, PLANNERS, target="wave"),
    Row("audits:visit_withdraw_many", FORM, PLANNERS, target="wave"),
    Row("audits:visit_void_many", FORM, PLANNERS, target="wave"),
    Row("audits:visit_plan_detail", GET, PLANNERS, target="planned_visit"),
    Row("audits:visit_assign", POST, PLANNERS, target="planned_visit"),
    Row("audits:visit_withdraw", POST, PLANNERS, target="planned_visit"),
    Row("audits:visit_reschedule", POST, PLANNERS, target="planned_visit"),
    Row("audits:visit_void", POST, PLANNERS, target="planned_visit"),
    Row("audits:shopper_list", GET, PLANNERS),
    Row("audits:shopper_detail", GET, PLANNERS, target="shopper"),
    Row("audits:shopper_block", POST, PLANNERS, target="shopper", post={"unit": "HNI", "reason": "Nhà gần đó"}),
    Row("audits:shopper_unblock", POST, PLANNERS, target="blocked_unit"),
    Row("audits:scenario_list", GET, PLANNERS),
    Row("audits:scenario_create", FORM, PLANNERS),
    Row("audits:scenario_detail", GET, PLANNERS, target="scenario"),
    Row("audits:scenario_edit", FORM, PLANNERS, target="scenario"),
    Row("audits:scenario_retire", POST, PLANNERS, target="scenario"),
    Row("audits:scenario_reinstate", POST, PLANNERS, target="scenario"),
    Row("audits:answer_card_add", FORM, PLANNERS, target="scenario"),
    Row("audits:answer_card_edit", FORM, PLANNERS, target="answer_card"),
)
OWN_ONLY = {"shopper": frozenset({OWN}), "shopper2": frozenset({SIBLING})}
VISITS: tuple[Row, ...] = (
    Row("audits:visit_list", GET, to("shopper", "shopper2")),
    Row("audits:visit_history", GET, to("shopper", "shopper2")),
    Row("audits:visit_detail", GET, OWN_ONLY, target="visit"),
    Row("audits:visit_start", POST, OWN_ONLY, target="visit"),
    Row("audits:visit_met", FORM, OWN_ONLY, target="visit"),
    Row("audits:visit_proof", FORM, OWN_ONLY, target="visit"),
    Row("audits:visit_place", POST, OWN_ONLY, target="visit", done=(409,)),
    Row("audits:section_edit", FORM, OWN_ONLY, target="section"),
    Row("audits:visit_quick", FORM, OWN_ONLY, target="visit"),
    Row("audits:visit_missing", FORM, OWN_ONLY, target="visit"),
    Row("audits:follow_up_edit", FORM, OWN_ONLY, target="visit"),
    Row("audits:follow_up_submit", POST, OWN_ONLY, target="visit"),
    Row("audits:visit_check", GET, OWN_ONLY, target="visit"),
    Row("audits:visit_answers", GET, OWN_ONLY, target="visit"),
    Row("audits:visit_submit", POST, OWN_ONLY, target="visit"),
    Row("audits:visit_receipt", GET, OWN_ONLY, target="visit"),
    Row("audits:visit_not_possible", FORM, OWN_ONLY, target="visit"),
    Row("audits:changes_receive", POST, OWN_ONLY, target="visit", done=(400,)),
    Row("audits:photo_receive", POST, OWN_ONLY, target="visit", done=(400,)),
    Row("audits:photo_remove", POST, OWN_ONLY, target="photo", done=(400,)),
    Row("audits:met_receive", POST, OWN_ONLY, target="visit", done=(400,)),
    Row("audits:not_possible_receive", POST, OWN_ONLY, target="visit", done=(400,)),
    Row("audits:follow_up_receive", POST, OWN_ONLY, target="visit", done=(400,)),
    Row("audits:visit_photo", GET, OWN_ONLY, target="photo"),
    Row("audits:visit_thumbnail", GET, OWN_ONLY, target="photo"),
    Row("audits:visit_example", GET, OWN_ONLY, target="example_of_visit"),
    Row("audits:visit_example_thumbnail", GET, OWN_ONLY, target="example_of_visit"),
)
REVIEW: tuple[Row, ...] = (
    Row("audits:review_list", GET, to("reviewer", "office")),
    Row("audits:review_next", POST, to("reviewer", "office")),
    Row("audits:review_detail", FORM, to("reviewer", "office"), target="visit"),
    Row("audits:review_claim", POST, to("reviewer", "office"), target="visit"),
    Row("audits:review_take_back", POST, to("reviewer", "office"), target="visit"),
    Row("audits:review_hide", POST, to("reviewer", "office"), target="visit"),
    Row("audits:review_photo", FORM, to("reviewer", "office"), target="photo"),
    Row("audits:review_shown_photo", GET, to("reviewer", "office"), target="shown"),
    Row("audits:received_list", GET, to("reviewer", "office")),
    Row("audits:received_detail", GET, to("reviewer", "office"), target="visit"),
    Row("audits:received_score", GET, to("reviewer", "office"), target="visit"),
    Row("audits:received_photo", GET, to("reviewer", "office"), target="photo"),
    Row("audits:received_thumbnail", GET, to("reviewer", "office"), target="photo"),
)

# The first counter, the second one in the same office, and one in Hà Nội.
OF_UNITS = {
    **to("office", "observer"),
    **to("manager", only=frozenset({OWN, SIBLING})),
    **to("outlethead", only=frozenset({OWN})),
    **to("manager2", only=frozenset({FOREIGN})),
}
OF_EVIDENCE = {role: relations for role, relations in OF_UNITS.items() if role != "observer"}
# What units ask and the office rules. Who asks is a manager of the unit or of one above it.
ASKING = {role: relations for role, relations in OF_EVIDENCE.items() if role != "office"}
SECOND_LOOKS: tuple[Row, ...] = (
    Row("audits:second_look_list", GET, to(*OF_EVIDENCE)),
    Row("audits:second_look_blocks", GET, to(*ASKING)),
    Row("audits:second_look_criteria", GET, ASKING, target="asked_block"),
    Row("audits:second_look_create", FORM, ASKING, target="asked_criterion"),
    Row("audits:second_look_detail", GET, OF_EVIDENCE, target="second_look"),
    Row("audits:second_look_withdraw", POST, ASKING, target="second_look"),
    Row("audits:second_look_read", POST, ASKING, target="second_look"),
    Row("audits:second_look_file", GET, OF_EVIDENCE, target="second_look_file"),
    Row("audits:second_look_thumbnail", GET, OF_EVIDENCE, target="second_look_file"),
    Row("audits:second_look_rule", FORM, to("office"), target="second_look"),
    Row("audits:second_look_reopen", FORM, to("office"), target="second_look"),
)
# What somebody took along is nobody else's, whoever may read the unit.
OF_EXPORTS = {
    **to("manager", only=frozenset({OWN})),
    **to("outlethead", only=frozenset({SIBLING})),
    **to("manager2", only=frozenset({FOREIGN})),
    **to("office", "observer", only=frozenset()),
}
RESULTS: tuple[Row, ...] = (
    Row("audits:scorecard_list", GET, to(*OF_UNITS)),
    Row("audits:scorecard_detail", GET, OF_UNITS, target="scored_unit"),
    Row("audits:scorecard_explain", GET, OF_UNITS, target="scored_unit"),
    Row("audits:scorecard_units", GET, OF_UNITS, target="scored_unit"),
    Row("audits:scorecard_export", GET, OF_UNITS, target="scored_unit"),
    Row("audits:report_detail", GET, OF_UNITS, target="scored_unit"),
    Row("audits:scorecard_sheets", GET, OF_UNITS, target="scored_unit"),
    Row("audits:api_results", GET, by_token=True),
    Row("audits:api_scorecard", GET, target="scored_unit", by_token=True),
    Row("audits:api_rows", GET, target="scored_unit", by_token=True),
    Row("audits:export_create", FORM, OF_UNITS, target="scored_unit"),
    Row("audits:export_list", GET, to("office")),
    Row("audits:export_file", GET, OF_EXPORTS, target="export"),
    Row("audits:export_cancel", POST, OF_EXPORTS, target="export"),
    Row("audits:evidence_list", GET, OF_EVIDENCE, target="scored_unit"),
    Row("audits:evidence_photo", GET, OF_EVIDENCE, target="published_photo"),
    Row("audits:evidence_thumbnail", GET, OF_EVIDENCE, target="published_photo"),
    Row("audits:revision_list", GET, to("office"), target="published_visit"),
    Row("audits:revision_create", FORM, to("office"), target="published_criterion"),
    Row("audits:correction_list", GET, to("office")),
    Row("audits:period_list", GET, to("office")),
    Row("audits:month_close", FORM, to("office")),
)

TABLE: tuple[Row, ...] = (
    *HOUSE,
    *ORGANISATION,
    *ACCOUNTS,
    *CHECKLISTS,
    *PLANNING,
    *VISITS,
    *REVIEW,
    *SECOND_LOOKS,
    *RESULTS,
)
