"""Django's makemessages, made repeatable: the same sources give the same catalogue, byte for byte."""

import re
from pathlib import Path

from django.core.management.commands import makemessages

_DATE = re.compile(r'^"POT-Creation-Date:.*"\n', re.MULTILINE)


class Command(makemessages.Command):
    """Sorted by text, without places or dates; no guessed translations, and none that nothing asks for.

    locale/packages is not touched: its texts are those of the installed packages.
    """

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching", "--sort-output"]
    msgattrib_options = [*makemessages.Command.msgattrib_options, "--sort-output"]

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(
            no_location=True, no_obsolete=True, no_wrap=True, ignore_patterns=[".venv/*", "tests/*", "var/*"]
        )

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        catalogue = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        catalogue.write_text(_DATE.sub("", catalogue.read_text(encoding="utf-8")), encoding="utf-8")
