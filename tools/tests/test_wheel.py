"""The add-on as a wheel: pip installs it, and Odoo finds it without an addons path."""
import os
import subprocess
import sys
from zipfile import ZipFile

from odooenv.base import ADDON, ROOT

FIND = f"from odoo.modules import Manifest; print(Manifest.for_addon('{ADDON}').path)"


def test_wheel(tmp_path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT / ADDON]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    wheel = next(tmp_path.glob(f"odoo_addon_{ADDON}-19.0.*.whl"))
    files = ZipFile(wheel).namelist()
    for name in ("__manifest__.py", "security/groups.xml", "views/menus.xml"):
        assert f"odoo/addons/{ADDON}/{name}" in files

    site = tmp_path / "site"
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    del environment["ODOO_RC"]  # it names the addons path of the checkout
    found = subprocess.run([sys.executable, "-c", FIND], env=environment, cwd=tmp_path, text=True, check=True,
                           stdout=subprocess.PIPE)
    assert found.stdout.strip() == str(site / "odoo/addons" / ADDON)
