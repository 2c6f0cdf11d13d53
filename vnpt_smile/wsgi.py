"""What the web server runs: Django behind the body guard."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from vnpt_smile.body_guard import BodyGuard

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vnpt_smile.settings")

application = BodyGuard(get_wsgi_application(), max_bytes=settings.MAX_BODY_BYTES)
