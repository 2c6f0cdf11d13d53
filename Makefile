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
	$(PYTHON) manage.py makemessages --locale vi
	$(PYTHON) manage.py compilemessages --locale vi --ignore .venv
