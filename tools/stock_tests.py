"""pytest plugin of `make test-stock`: which of Odoo's own tests may fail with the add-on, and why.

``stock_tests_expected.txt`` has a line ``on|off|both  file::class::test  reason`` for each. A listed test that
passes is an error too, so that the list stays true. Tours are left out: they test the client, not our rules.
"""
import inspect
import os
from pathlib import Path

import pytest

LIST = Path(__file__).with_suffix("").with_name("stock_tests_expected.txt")


def read_expected(text, areas):
    """Return the tests that may fail: a dict of reasons by ``file::class::test``.

    :param str text: the list
    :param str areas: ``on`` or ``off``
    """
    lines = (line.split(maxsplit=2) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {test: reason for when, test, reason in lines if when in (areas, "both")}


def pytest_collection_modifyitems(config, items):
    expected = read_expected(LIST.read_text(), os.environ["STOCK_AREAS"])
    tours = [item for item in items if "start_tour(" in inspect.getsource(item.function)]
    config.hook.pytest_deselected(items=tours)
    items[:] = [item for item in items if item not in tours]
    for item in items:
        suite = Path(item.path).parents[1].name
        name = f"{suite}/{item.path.name}::{item.cls.__name__}::{item.name}"
        if name in expected and "@users(" in inspect.getsource(item.function):
            # it runs as subtests, whose failures no mark excuses
            item.add_marker(pytest.mark.skip(reason=expected[name]))
        elif name in expected:
            item.add_marker(pytest.mark.xfail(reason=expected[name], strict=True))
