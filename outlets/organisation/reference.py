"""The kinds of unit that VNPT has had since 2014. Kinds, not levels: a tree may skip or repeat them."""

from outlets.organisation.models import UnitType

# code, Vietnamese, English; in the order in which lists show them
UNIT_TYPES = (
    ("group", "Tập đoàn", "Group"),
    ("block", "Khối, ban", "Block or board"),
    ("province", "VNPT tỉnh, thành phố", "Provincial VNPT"),
    ("business_centre", "Trung tâm Kinh doanh", "Business centre"),
    ("telecom_centre", "Trung tâm Viễn thông", "Telecom centre"),
    ("sales_office", "Phòng bán hàng", "Sales office"),
    ("team", "Tổ", "Team"),
    ("transaction_point", "Điểm giao dịch", "Transaction point"),
    ("shop", "Cửa hàng", "Shop"),
    ("care_centre", "Đài, trung tâm chăm sóc khách hàng", "Customer care centre"),
)


def install() -> int:
    """Adds the kinds that are missing and says how many; one that is there keeps the name it was given here."""
    added = 0
    for position, (code, name_vi, name_en) in enumerate(UNIT_TYPES, start=1):
        facts = {"name_vi": name_vi, "name_en": name_en, "position": 10 * position}
        added += UnitType.objects.get_or_create(code=code, defaults=facts)[1]
    return added
