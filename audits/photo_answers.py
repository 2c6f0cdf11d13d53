"""A stored photo as the answer to a request."""

from typing import Any, Protocol

from django.conf import settings
from django.http import FileResponse, Http404

from audits import photos


class Pictured(Protocol):
    """What has a picture on the disk: a photo, or a copy of one."""

    file: Any
    thumbnail: Any


def photo_response(photo: Pictured, size: str) -> FileResponse:
    """The file of a photo, as a picture and as nothing else; `size` is full or thumbnail. 404 when the file is gone."""
    name = photo.thumbnail if size == "thumbnail" else photo.file
    try:
        file = photos.open_stored(name, settings.MEDIA_ROOT)
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(file, content_type="image/jpeg", filename="photo.jpg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
