"""Our own checks of what Python linters do not read: XML, access rights, translations."""
import csv
import io
from pathlib import Path

import polib
import pytest
import translations
from lxml import etree

from odoo import api
from odoo.modules import Manifest
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name
from odoo.tools import config, view_validation
from odoo.tools.translate import trans_export

ADDON = Path(Manifest.for_addon(translations.ADDON).path)
I18N = ADDON / "i18n"
XML_FILES = sorted(ADDON.rglob("*.xml"))
DATA_FILES = [path for path in XML_FILES if "static" not in path.relative_to(ADDON).parts]


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda path: str(path.relative_to(ADDON)))
def test_xml(path):
    """Data files follow Odoo's schema, and so do the views in them."""
    document = etree.parse(path)
    schema = etree.RelaxNG(etree.parse(Path(config.root_path, "import_xml.rng")))
    assert schema.validate(document), schema.error_log
    for arch in document.iterfind(".//record[@model='ir.ui.view']/field[@name='arch'][@type='xml']/*"):
        if Path(config.root_path, f"addons/base/rng/{arch.tag}_view.rng").exists():  # forms and kanbans have none
            view_schema = view_validation.relaxng(arch.tag)
            assert view_schema.validate(arch), f"line {arch.sourceline}: {view_schema.error_log}"


def test_manifest_lists_every_data_file():
    """A file that the manifest forgets is never loaded."""
    manifest = Manifest.for_addon(translations.ADDON)
    listed = {*manifest["data"], *manifest["demo"]}
    forgotten = {str(path.relative_to(ADDON)) for path in DATA_FILES} - listed
    assert not forgotten, f"not in the manifest: {sorted(forgotten)}"


def test_access_rights_name_a_group():
    """A row of ir.model.access.csv without a group would open the model to everybody, customers included."""
    with (ADDON / "security/ir.model.access.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [row["id"] for row in rows if not row["group_id:id"].strip()]


@pytest.fixture(scope="module")
def exported():
    """The terms of the add-on, out of the database and the code as they are now."""
    buffer = io.BytesIO()
    with Registry(get_db_name()).cursor() as cr:
        trans_export(False, [translations.ADDON], buffer, "po", api.Environment(cr, api.SUPERUSER_ID, {}))
    return {entry.msgid for entry in polib.pofile(buffer.getvalue().decode())}


def test_translation_template_is_fresh(exported):
    path = translations.pot_file(I18N)
    assert path.exists(), f"{path.name} is missing: make i18n"
    assert {entry.msgid for entry in translations.read(path)} == exported, "the terms have changed: make i18n"


def test_chinese_is_complete(exported):
    path = translations.po_file(I18N)
    assert path.exists(), f"{path.name} is missing: make i18n, then translate"
    catalogue = translations.read(path)
    todo = {entry.msgid for entry in translations.untranslated(catalogue)}
    todo |= exported - {entry.msgid for entry in catalogue}
    assert not todo, f"{len(todo)} terms of {path.name} have no translation: make i18n, then translate"
