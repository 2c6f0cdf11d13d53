"""The request as Django builds it, except that no Content-Type can break the building."""

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters

UNREADABLE = "unreadable"


class Request(WSGIRequest):
    """Text is UTF-8, whatever the Content-Type claims; vnpt_smile.middleware.sound_request refuses any other claim.

    Django takes the claimed charset at once, and reads the address in it, before any middleware and any
    error page: `charset=rot13`, or a parameter in an unknown charset, ended in the web server's bare 500.
    """

    def _set_content_type_params(self, meta):
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {"charset": UNREADABLE}
