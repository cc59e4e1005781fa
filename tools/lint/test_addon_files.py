"""Our own checks of what Python linters do not read: XML, access rights, translations."""
import csv
import io
from pathlib import Path

import polib
import pytest
import translations
from lxml import etree

import odoo
from odoo.modules import Manifest
from odoo.tests import TransactionCase
from odoo.tools import convert, view_validation
from odoo.tools.translate import trans_export

ADDON = Path(Manifest.for_addon(translations.ADDON).path)
I18N = ADDON / "i18n"
XML_FILES = sorted(ADDON.rglob("*.xml"))
DATA_FILES = [path for path in XML_FILES if "static" not in path.relative_to(ADDON).parts]


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda path: str(path.relative_to(ADDON)))
def test_xml(path):
    """Data files follow Odoo's schema, and so do the views in them."""
    document = etree.parse(path)
    schema = etree.RelaxNG(etree.parse(Path(odoo.tools.config.root_path, "import_xml.rng")))
    assert schema.validate(document), schema.error_log
    for arch in document.iterfind(".//record[@model='ir.ui.view']/field[@name='arch'][@type='xml']/*"):
        view_schema = view_validation.relaxng(arch.tag)
        assert view_schema is None or view_schema.validate(arch), f"line {arch.sourceline}: {view_schema.error_log}"


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


class TestTranslations(TransactionCase):

    def exported(self):
        buffer = io.BytesIO()
        trans_export(False, [translations.ADDON], buffer, "po", self.env)
        return polib.pofile(buffer.getvalue().decode())

    def test_template_is_fresh(self):
        path = translations.pot_file(I18N)
        self.assertTrue(path.exists(), f"{path.name} is missing: make i18n")
        known = {entry.msgid for entry in translations.read(path)}
        terms = {entry.msgid for entry in self.exported()}
        self.assertEqual(known, terms, "the terms have changed: make i18n")

    def test_chinese_is_complete(self):
        path = translations.po_file(I18N)
        self.assertTrue(path.exists(), f"{path.name} is missing: make i18n, then translate")
        done = translations.read(path)
        todo = {entry.msgid for entry in translations.untranslated(done)}
        missing = {entry.msgid for entry in self.exported()} - {entry.msgid for entry in done}
        self.assertFalse(todo | missing, f"{len(todo | missing)} terms of {path.name} have no translation: make i18n, then translate")
