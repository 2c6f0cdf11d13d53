#!/usr/bin/env python
"""The command line of VNPT Smile."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vnpt_smile.settings")
    if sys.argv[1:2] == ["demo"]:
        # The demo's accounts may log in only where DEMO is on, so its own command turns it on.
        os.environ.setdefault("DEMO", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
