"""The jobs that customers meet, each in one channel."""

from outlets.organisation.models import Channel
from outlets.people.models import JobRole

# code, Vietnamese, English, channel; in the order in which lists show them
JOB_ROLES = (
    ("counter_agent", "Giao dịch viên", "Counter agent", Channel.COUNTER),
    ("shop_manager", "Cửa hàng trưởng, trưởng điểm giao dịch", "Shop manager", Channel.COUNTER),
    ("greeter", "Nhân viên đón tiếp, hướng dẫn", "Greeter", Channel.COUNTER),
    ("guard", "Bảo vệ", "Security guard", Channel.COUNTER),
    ("operator", "Điện thoại viên", "Telephone operator", Channel.HOTLINE),
    ("shift_lead", "Trưởng ca", "Shift lead", Channel.HOTLINE),
    ("technician", "Nhân viên kỹ thuật địa bàn", "Field technician", Channel.TECHNICIAN),
    ("area_sales", "Nhân viên kinh doanh địa bàn", "Area sales person", Channel.SALES),
    ("collaborator", "Cộng tác viên, đại lý", "Collaborator or dealer", Channel.SALES),
    ("bill_collector", "Nhân viên thu cước", "Bill collector", Channel.SALES),
)


def install() -> int:
    """Adds the jobs that are missing and says how many; one that is there keeps the name it was given here."""
    added = 0
    for position, (code, name_vi, name_en, channel) in enumerate(JOB_ROLES, start=1):
        facts = {"name_vi": name_vi, "name_en": name_en, "channel": channel, "position": 10 * position}
        added += JobRole.objects.get_or_create(code=code, defaults=facts)[1]
    return added
