"""Odoo's own lint tests (module test_lint), made to look at this add-on only: that takes seconds, not minutes."""
import pytest

from odoo.modules import Manifest
from odoo.modules.registry import Registry

from odoo.addons.test_lint.tests import test_docstring, test_pofile
from odoo.addons.test_lint.tests.test_dunderinit import TestDunderinit
from odoo.addons.test_lint.tests.test_index import TestIndex
from odoo.addons.test_lint.tests.test_jstranslate import TestJsTranslations
from odoo.addons.test_lint.tests.test_manifests import ManifestLinter
from odoo.addons.test_lint.tests.test_markers import TestConflictMarkers
from odoo.addons.test_lint.tests.test_naming import TestNaming
from odoo.addons.test_lint.tests.test_onchange_domains import TestOnchangeDomains
from odoo.addons.test_lint.tests.test_orm_import import TestDunderinit as TestOrmImport
from odoo.addons.test_lint.tests.test_override_signatures import TestLintOverrideSignatures
from odoo.addons.test_lint.tests.test_routes import RoutesLinter
from odoo.addons.test_lint.tests.test_test_holes import TestTestHoles

ADDON = "sales_mgmt_addon"
TestDocstring = test_docstring.TestDocstring
PotLinter = test_pofile.PotLinter


@pytest.fixture(autouse=True)
def only_this_addon(monkeypatch):
    ours = Manifest.for_addon(ADDON)
    monkeypatch.setattr(Manifest, "all_addon_manifests", lambda: [ours])
    monkeypatch.setattr(test_pofile, "get_modules", lambda: [ADDON])
    monkeypatch.setattr(test_docstring, "MODULES_TO_LINT", (*test_docstring.MODULES_TO_LINT, ADDON))
    monkeypatch.setattr(Registry, "items", _our_models)


def _our_models(registry):
    """Stand in for ``Registry.items()``: the models that this add-on makes or extends."""
    return [(name, model) for name, model in registry.models.items()
            if any(getattr(base, "_module", None) == ADDON for base in model.mro())]
