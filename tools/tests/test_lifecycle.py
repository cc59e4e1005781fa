"""The add-on comes, is updated from the commit before, and goes without leaving damage."""
import subprocess

import pytest
from odooenv import odoo_source
from odooenv.base import ADDON, ROOT
from odooenv.workspace import Workspace

CONFIRM_ORDER = """
product = env["product.product"].create({"name": "Balance", "list_price": 100.0})
partner = env["res.partner"].create({"name": "Customer of the lifecycle test"})
order = env["sale.order"].create({
    "partner_id": partner.id,
    "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})],
})
order.action_confirm()
env.cr.commit()
print(order.state)
"""
ORDER_STATE = "SELECT state FROM sale_order"
LEFTOVERS = "SELECT model, name FROM ir_model_data WHERE module = %s"
MODULE_STATE = "SELECT state FROM ir_module_module WHERE name = %s"


@pytest.fixture(scope="module")
def workspace():
    return Workspace()


@pytest.fixture
def database(workspace, request):
    """A copy of the template: everything the add-on depends on, without it."""
    name = f"{ADDON}_{request.function.__name__}"
    workspace.copy(workspace.template, name)
    yield name
    workspace.drop(name)


@pytest.fixture
def previous(tmp_path):
    """The add-on as it was one commit ago: the folder that contains it."""
    git = ["git", "-c", "safe.directory=*", "-C", ROOT]
    known = subprocess.run([*git, "rev-parse", "--verify", "-q", f"HEAD~1:{ADDON}"], capture_output=True, check=False)
    if known.returncode:
        pytest.skip("there is no previous commit with the add-on")
    archive = subprocess.run([*git, "archive", "HEAD~1", ADDON], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", tmp_path], input=archive.stdout, check=True)
    return tmp_path


def test_uninstall_and_reinstall(workspace, database):
    workspace.install(database, ADDON, log="lifecycle")
    workspace.odoo("module", "uninstall", ADDON, "-d", database, log="lifecycle-uninstall")
    assert workspace.sql(LEFTOVERS, ADDON, db=database) == []
    assert workspace.script(CONFIRM_ORDER, database).strip().endswith("sale")

    workspace.install(database, ADDON, log="lifecycle-reinstall")
    assert workspace.sql(MODULE_STATE, ADDON, db=database) == [["installed"]]
    assert workspace.sql(ORDER_STATE, db=database) == [["sale"]]


def test_upgrade_from_previous_commit(workspace, database, previous):
    addons = ",".join(map(str, [previous, *odoo_source.addons_folders(workspace.source)]))
    workspace.install(database, ADDON, options=["--addons-path", addons], log="lifecycle-previous")
    workspace.update(database, ADDON, log="lifecycle-upgrade")
    assert workspace.sql(MODULE_STATE, ADDON, db=database) == [["installed"]]
    assert workspace.script(CONFIRM_ORDER, database).strip().endswith("sale")
