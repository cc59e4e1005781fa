"""Odoo's own lint tests (module test_lint), made to look at this add-on only: that takes seconds, not minutes."""
import pytest

from odoo.modules import Manifest
from odoo.modules.registry import Registry

from odoo.addons.test_lint.tests import (
    test_docstring,
    test_dunderinit,
    test_index,
    test_jstranslate,
    test_manifests,
    test_naming,
    test_onchange_domains,
    test_orm_import,
    test_override_signatures,
    test_pofile,
    test_routes,
    test_test_holes,
)

ADDON = "sales_mgmt_addon"

TestDocstring = test_docstring.TestDocstring
TestDunderinit = test_dunderinit.TestDunderinit
TestIndex = test_index.TestIndex
TestJsTranslations = test_jstranslate.TestJsTranslations
TestManifests = test_manifests.ManifestLinter
TestNaming = test_naming.TestNaming
TestOnchangeDomains = test_onchange_domains.TestOnchangeDomains
TestOrmImport = test_orm_import.TestDunderinit
TestOverrideSignatures = test_override_signatures.TestLintOverrideSignatures
TestPot = test_pofile.PotLinter
TestRoutes = test_routes.RoutesLinter
TestTestHoles = test_test_holes.TestTestHoles


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
