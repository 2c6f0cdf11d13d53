"""The product after its first requests, so that a worker forked from it serves at once.

A server under test loses several workers a second. One that began with an empty process would spend its short life on
what all of them read alike: addresses, templates, texts.
"""

import gc
from importlib import import_module
from pkgutil import walk_packages
from wsgiref.util import setup_testing_defaults

from django.db import connections
from django.template.loader import get_template
from django.urls import get_resolver
from PIL import Image

import audits
from vnpt_smile.wsgi import application as application


def _answer(path: str) -> None:
    environ = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    b"".join(application(environ, lambda *_answered: None))


get_resolver()._populate()
for module in walk_packages(audits.__path__, "audits."):
    if ".migrations" not in module.name and ".management" not in module.name:
        import_module(module.name)
for name in ("audits/visits/visit_receipt.html", "base.html"):
    get_template(name)
Image.init()
_answer("/login/")
_answer("/sync/visits/00000000-0000-4000-8000-000000000000/changes/")
connections.close_all()
gc.collect()
gc.freeze()  # the pages of memory that workers share stay shared
