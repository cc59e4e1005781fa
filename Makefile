# Everything is set up on first use, inside the git-ignored folder .odoo/.
#   make run [PORT=8069]     Odoo 19 with the add-on and the demo company
#   make test [ARGS="-k …"]  the whole test suite, or a part of it
# `make help` lists the rest, README.md explains.

PYTHON ?= python3
TARGETS := run stop shell upgrade reset-db clean test test-stock bench lint pot i18n wheel screenshots help

.DEFAULT_GOAL := help
.PHONY: $(TARGETS)
# variables given on make's command line (PORT=, DB=, ODOO_PATH=, PGHOST= …) are in the environment of the recipe
$(TARGETS):
	@PYTHONPATH=tools $(PYTHON) -m odooenv $@ $(ARGS)
