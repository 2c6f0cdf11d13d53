"""A tiny Django site that writes down every form it is handed, for test_cut_bodies. Runs in servers only."""

import json
import os
import sys
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.servers import basehttp
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from vnpt_smile.body_guard import BodyGuard


def save(request: HttpRequest) -> HttpResponse:
    """Writes what arrived as one JSON file in the folder SAVED."""
    if request.method == "POST":
        photos = [photo.size for photo in request.FILES.values()]
        form = {"comment": request.POST.get("comment"), "photos": photos}
        Path(os.environ["SAVED"], uuid4().hex).write_text(json.dumps(form))
        return HttpResponse("saved", status=201)
    return HttpResponse("ok")


urlpatterns = [path("", save)]
settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="only-for-tests", ROOT_URLCONF=__name__)
unguarded = get_wsgi_application()
guarded = BodyGuard(unguarded, max_bytes=5_000_000)

if __name__ == "__main__":
    basehttp.run("127.0.0.1", int(sys.argv[1]), guarded, threading=True)
