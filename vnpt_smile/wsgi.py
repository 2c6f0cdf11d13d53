"""What the web server runs: Django behind the body guard."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from vnpt_smile.body_guard import BodyGuard
from vnpt_smile.request import Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vnpt_smile.settings")

handler = get_wsgi_application()
handler.request_class = Request
application = BodyGuard(handler, max_bytes=settings.MAX_BODY_BYTES)
