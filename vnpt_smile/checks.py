"""What `manage.py check --deploy` asks of this product beyond Django's own questions."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Warning
from django.db import DatabaseError, connection


def no_demo_accounts(app_configs, **kwargs) -> list[Warning]:
    """Names the demo's accounts in the database. Their password is public; outside DEMO they cannot log in.

    Silent where there is no database yet.
    """
    if settings.DEMO or not _is_there():
        return []
    try:
        names = list(
            get_user_model().objects.filter(is_demo=True).order_by("username").values_list("username", flat=True)
        )
    except DatabaseError:
        return []
    if not names:
        return []
    return [
        Warning(
            f"The database holds accounts of the demo: {', '.join(names)}.",
            hint="Their password is public. They cannot log in while DEMO is off; serve real data from a database "
            "that never was a demo.",
            id="vnpt_smile.W001",
        )
    ]


def _is_there() -> bool:
    """Whether opening the database would not itself create it."""
    return connection.vendor != "sqlite" or Path(str(connection.settings_dict["NAME"])).exists()
