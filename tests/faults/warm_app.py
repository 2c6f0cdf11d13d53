"""The product with its addresses and templates read, so that a worker forked from it serves at once."""

from django.template.loader import get_template
from django.urls import get_resolver

from vnpt_smile.wsgi import application as application

get_resolver()._populate()
for name in ("audits/visits/visit_receipt.html", "base.html"):
    get_template(name)
