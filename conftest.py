"""What `make test` adds to pytest-odoo."""
import pytest


def pytest_configure(config):
    if not config.getoption("odoo_database", None):
        pytest.exit("These tests need Odoo and a database: use `make test`, with ARGS=… for arguments of pytest.", 2)


def pytest_collection_modifyitems(items):
    """Odoo does not run what is tagged `-standard`; pytest-odoo would."""
    for item in items:
        if "standard" not in getattr(getattr(item, "cls", None), "test_tags", ["standard"]):
            item.add_marker(pytest.mark.skip(reason="tagged -standard"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Odoo skips a browser test when the browser is missing or does not start. That shall not look like success."""
    report = yield
    if report.skipped and call.excinfo:
        reason = str(call.excinfo.value)
        if any(word in reason.lower() for word in ("chrome", "websocket")):
            report.outcome = "failed"
            report.longrepr = f"The browser test could not run: {reason}"
    return report
