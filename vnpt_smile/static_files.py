"""How static files are put in place for production."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# People read our files here, a phone on a weak signal loads them: a quarter of a script would be words for people.
SMALLER: dict[tuple[str, str], Callable[[str], str]] = {("js", ".js"): jsmin, ("css", ".css"): cssmin}


def as_served(name: str, content: str) -> str:
    """A static file as production serves it: scripts and styles of ours without comments and needless spaces."""
    path = PurePosixPath(name)
    smaller = SMALLER.get((path.parts[0], path.suffix))
    return smaller(content) if smaller else content


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Files named by their content and compressed beforehand; our own scripts and styles made small first."""

    def _save(self, name: str, content: "File[Any]") -> str:
        path = PurePosixPath(name)
        if (path.parts[0], path.suffix) in SMALLER:
            content = ContentFile(as_served(name, content.read().decode()).encode())
        return super()._save(name, content)
