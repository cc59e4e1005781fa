"""The tooling itself: what it says when something is wrong, what it writes, what it remembers."""
import shutil
import socket
from collections import namedtuple

import polib
import pytest
import stock_tests
import translations
from odooenv import base, machine, odoo_source, postgres, python_env, workspace
from odooenv.base import Problem


@pytest.fixture
def state(monkeypatch, tmp_path):
    """An empty state folder."""
    for module in (base, odoo_source, workspace):
        monkeypatch.setattr(module, "STATE", tmp_path)
    return tmp_path


def fake_odoo(folder, version):
    (folder / "odoo").mkdir()
    (folder / "odoo/release.py").write_text(f"version_info = ({version}, FINAL, 0, '')\n")
    return folder


class TestOwnOdoo:

    def test_folder_or_script(self, monkeypatch, tmp_path):
        fake_odoo(tmp_path, "19, 0")
        for name, value in (("ODOO_PATH", tmp_path), ("ODOO_BIN", tmp_path / "odoo-bin")):
            monkeypatch.delenv("ODOO_PATH", raising=False)
            monkeypatch.setenv(name, str(value))
            assert odoo_source.locate() == tmp_path

    def test_wrong_series(self, monkeypatch, tmp_path):
        monkeypatch.setenv("ODOO_PATH", str(fake_odoo(tmp_path, "18, 0")))
        with pytest.raises(Problem, match=r"is Odoo 18\.0; this add-on is for Odoo 19\.0"):
            odoo_source.locate()

    def test_between_two_releases(self, tmp_path):
        assert odoo_source.series(fake_odoo(tmp_path, "'saas~18', 4")) == "18.4"

    def test_nothing_there(self, monkeypatch, tmp_path):
        monkeypatch.setenv("ODOO_PATH", str(tmp_path))
        with pytest.raises(Problem, match="odoo/release.py is missing"):
            odoo_source.locate()


class TestMachine:

    def test_no_debian_mirror(self, monkeypatch, state):
        monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
        monkeypatch.setattr(odoo_source, "os_release", lambda: {"ID": "fedora"})
        with pytest.raises(Problem, match="DEBIAN_MIRROR=.*ODOO_PATH="):
            odoo_source._mirror()

    def test_port_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(Problem, match=f"make run PORT={port + 1}"):
                machine.check_port(port)
        machine.check_port(machine.free_port())

    def test_disk_is_full(self, monkeypatch, state):
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(9, 9, 2**29))
        with pytest.raises(Problem, match=r"0\.5 GB left, 4 GB are needed"):
            base.need_space(4)

    def test_packages_for_somebody_else(self, monkeypatch):
        monkeypatch.setattr(machine, "is_root", lambda: False)
        with pytest.raises(Problem, match="apt-get install chromium"):
            machine.apt_install("chromium")

    def test_missing_browser_is_a_warning(self, monkeypatch, capsys):
        monkeypatch.setattr(machine, "is_root", lambda: False)
        monkeypatch.setattr(machine, "BROWSERS", ("no-such-browser",))
        machine.ensure_browser()
        assert "WARNING: browser tests will fail" in capsys.readouterr().out

    def test_failing_program(self):
        with pytest.raises(Problem, match=r"(?s)sh failed:.*no luck.*Try another day"):
            base.run(["sh", "-c", "echo no luck; exit 3"], "Try another day.")
        with pytest.raises(Problem, match="not on this machine"):
            base.run(["no-such-program"], "")


class TestPostgres:

    def test_unreachable(self, monkeypatch):
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        monkeypatch.setenv("PGPORT", str(machine.free_port()))
        with pytest.raises(Problem, match=r"(?s)cannot be reached.*unset PGHOST"):
            postgres.ensure()

    def test_superuser_that_odoo_refuses(self, monkeypatch):
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        monkeypatch.setenv("PGUSER", "postgres")
        with pytest.raises(Problem, match="createuser --createdb odoo"):
            postgres.ensure()

    def test_binaries_that_are_not_there(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PGBIN", str(tmp_path))
        with pytest.raises(Problem, match="has no initdb"):
            postgres._binaries()

    def test_short_socket_path(self, monkeypatch, tmp_path):
        monkeypatch.setattr(postgres, "HOME", tmp_path / ("long" * 30))
        assert len(str(postgres._socket_folder())) < 85


class TestMemory:

    def test_step_is_done_once(self, state):
        for expected in (True, False):
            with base.step("odoo", "19", "downloading") as todo:
                assert todo is expected
        with base.step("odoo", "20", "downloading") as todo:
            assert todo

    def test_interrupted_step_is_done_again(self, state):
        with pytest.raises(RuntimeError), base.step("odoo", "19", "downloading"):
            raise RuntimeError
        with base.step("odoo", "19", "downloading") as todo:
            assert todo

    def test_tree_digest(self, tmp_path):
        (tmp_path / "tests").mkdir()
        (tmp_path / "a.py").write_text("1")
        before = base.tree_digest(tmp_path, ignore=["tests"])
        (tmp_path / "tests/test_a.py").write_text("1")
        assert base.tree_digest(tmp_path, ignore=["tests"]) == before
        (tmp_path / "a.py").write_text("2")
        assert base.tree_digest(tmp_path, ignore=["tests"]) != before

    def test_configuration_holds_no_password(self, monkeypatch, state, tmp_path):
        space = object.__new__(workspace.Workspace)
        space.source = tmp_path
        space.environment = {"PGHOST": "db.example.com", "PGUSER": "odoo", "PGPASSWORD": "secret"}
        text = space._write_configuration().read_text()
        assert "db_host = db.example.com\n" in text
        assert "http_interface = 127.0.0.1\n" in text
        assert "secret" not in text

    def test_requirements_are_pinned(self):
        lines = python_env.requirements("odoo", "dev", "installer", "postgresql")
        assert not [line for line in lines if "==" not in line]


def test_expected_stock_failures():
    text = "# comment\n\non sale/test_a.py::A::test_a discounts  too much\nboth sale/test_b.py::B::test_b x\n"
    assert stock_tests.read_expected(text, "on") == {
        "sale/test_a.py::A::test_a": "discounts  too much", "sale/test_b.py::B::test_b": "x"}
    assert list(stock_tests.read_expected(text, "off")) == ["sale/test_b.py::B::test_b"]


def test_translations_are_merged(tmp_path):
    export = tmp_path / "export.pot"
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.extend(polib.POEntry(msgid=text, occurrences=[("code", "0")]) for text in ("Credit", "Hold"))
    catalogue.save(str(export))
    folder = tmp_path / "i18n"
    folder.mkdir()
    translations.take_over(export, folder)
    translations.merge(export, folder)
    chinese = translations.read(translations.po_file(folder))
    assert len(translations.untranslated(chinese)) == 2

    chinese.find("Credit").msgstr = "信用"
    chinese.append(polib.POEntry(msgid="Gone", msgstr="旧"))
    chinese.save()
    translations.merge(export, folder)
    chinese = translations.read(translations.po_file(folder))
    assert {entry.msgid: entry.msgstr for entry in chinese} == {"Credit": "信用", "Hold": ""}
    assert "up to date" in translations.take_over(export, folder)
