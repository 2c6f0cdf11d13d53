# Short names for the commands in README.md; nothing here is more than an alias.
PYTHON := .venv/bin/python

.PHONY: run test check format messages

run:
	$(PYTHON) manage.py runserver

test:
	$(PYTHON) -m pytest

check:
	.ci/run

format:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

messages:
	$(PYTHON) manage.py makemessages --locale vi --no-location --ignore '.venv/*'
	$(PYTHON) -c "import polib; po = 'locale/vi/LC_MESSAGES/django.po'; polib.pofile(po).save_as_mofile(po[:-2] + 'mo')"
