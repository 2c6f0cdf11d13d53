"""How static files are put in place for production."""

from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage


def without_comments(script: str) -> str:
    """A script of ours without the lines that are comments, and without indentation.

    A phone on a weak signal loads the scripts, people read them here: a seventh of their weight would be words for
    people. Whole lines alone, so that nothing has to be understood; none of our scripts has a text of several lines.
    """
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Files named by their content and compressed beforehand; our own scripts without their comments."""

    def _save(self, name: str, content: "File[Any]") -> str:
        if name.startswith("js/") and name.endswith(".js"):
            content = ContentFile(without_comments(content.read().decode()).encode())
        return super()._save(name, content)
