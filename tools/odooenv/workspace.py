"""Odoo processes and databases, once Odoo, Python and PostgreSQL are there.

Databases, each a quick copy of the one before:

template   what the add-on depends on, without demo data, with Chinese; made once (a minute)
installed  template + the add-on, for tests; made again when a file of the add-on changed
run        template + the add-on + the demo company, what `make run` serves
"""
import ast
import json
import os
import re
import shutil
import subprocess
import sys

from . import odoo_source, postgres, python_env
from .base import ADDON, ROOT, STATE, Problem, digest, lock, need_space, say, terminal, tree_digest

RUN_DB = os.environ.get("DB") or ADDON
INSTALLED_DB = f"{ADDON}_installed"
LANGUAGES = "en_US,zh_CN"  # the first one becomes the default of new users
COMPANIONS = ("rpc", "base_import")  # every Odoo has them by itself; the tests try these ways in, too
ONCE = ("--skip-auto-install", "--stop-after-init", "--no-http")
BUNDLES = ROOT / "tools/scripts/bundles.py"
SQL = """
import json, sys, psycopg2
connection = psycopg2.connect(dbname=sys.argv[1])
connection.autocommit = True  # CREATE DATABASE cannot run inside a transaction
cursor = connection.cursor()
cursor.execute(sys.argv[2], json.loads(sys.argv[3]) or None)
print(json.dumps(cursor.fetchall() if cursor.description else []))
"""
MODULE = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
LOGGED = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (\w+) ")
FAILED = re.compile(r" (ERROR|CRITICAL) |demo data failed to install")


class Workspace:
    """A ready environment: ``Workspace()`` sets up what is missing and starts the database server."""

    def __init__(self):
        with lock("setup"):
            self.source = odoo_source.locate()
            python_env.ensure(self.source)
            self.environment = self._environment(postgres.ensure())
            self.configuration = self._write_configuration()
            self.template = self._ensure_template()

    def _environment(self, client):
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "OPENERP_SERVER", "VIRTUAL_ENV")}
        return {
            **environment, **client,
            "PATH": f"{python_env.VENV / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPYCACHEPREFIX": str(STATE / "pycache"),  # saves 12 s a start where Odoo's folder is read-only
            "ODOO_RC": str(STATE / "odoo.conf"),
        }

    def _write_configuration(self):
        """Write odoo.conf. Passwords stay out of it: they are in the environment."""
        options = {
            "addons_path": ",".join(map(str, [ROOT, *odoo_source.addons_folders(self.source)])),
            "data_dir": STATE / "data",
            "db_host": self.environment["PGHOST"],
            "db_port": self.environment.get("PGPORT", "5432"),
            "db_user": self.environment.get("PGUSER", ""),
            "http_interface": "127.0.0.1",
            "list_db": False,
            "max_cron_threads": 1,
        }
        configuration = STATE / "odoo.conf"
        configuration.write_text(
            "[options]\n" + "".join(f"{key} = {value}\n" for key, value in options.items() if value != ""))
        return configuration

    # ------------------------------------------------------------------ databases

    def sql(self, query, *parameters, db="postgres"):
        """Return the rows of one SQL statement."""
        done = subprocess.run([python_env.PYTHON, "-c", SQL, db, query, json.dumps(parameters)],
                              env=self.environment, text=True, capture_output=True, check=False)
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1]
            hint = " The database user needs the right: ALTER ROLE … CREATEDB." if "permission denied" in reason else ""
            raise Problem(f"The database refuses `{query}`: {reason}{hint}")
        return json.loads(done.stdout)

    def stamp(self, db):
        """Return what a database was marked with when it was complete; None without such a database."""
        query = "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s"
        rows = self.sql(query, db)
        return rows[0][0] if rows else None

    def set_stamp(self, db, stamp):
        self.sql(f"""COMMENT ON DATABASE "{db}" IS '{stamp}'""")

    def drop(self, db):
        """Remove a database and its files, whoever is connected."""
        self.sql(f'DROP DATABASE IF EXISTS "{db}" WITH (FORCE)')
        shutil.rmtree(STATE / "data/filestore" / db, ignore_errors=True)

    def copy(self, origin, db):
        """Replace a database by a copy of another one."""
        self.drop(db)
        version = self.sql("SELECT current_setting('server_version_num')::int")[0][0]
        strategy = " STRATEGY file_copy" if version >= 150000 else ""  # older ones know no other
        self.sql(f'CREATE DATABASE "{db}" TEMPLATE "{origin}"{strategy}')
        files = STATE / "data/filestore"
        if (files / origin).is_dir():  # files of the store are never changed, so links will do
            shutil.copytree(files / origin, files / db, copy_function=os.link)

    def _ensure_template(self):
        """Return the name of the template database, making it first if need be.

        Without demo data, because the demo company shall contain nothing but itself; without the modules that
        Odoo would install on its own, because a test shall not depend on them.
        """
        modules = [*manifest()["depends"], *COMPANIONS]
        stamp = digest(odoo_source.version(self.source), LANGUAGES, BUNDLES.read_text(), *modules)
        template = f"{ADDON}_template"
        if self.stamp(template) != stamp:
            need_space(2)
            say("installing the modules the add-on depends on (once, about a minute)")
            self.drop(template)
            self.install(template, *modules, options=["--load-language", LANGUAGES], log="template")
            self.generate_bundles(template)
            self.set_stamp(template, stamp)
        return template

    def ensure_installed(self):
        """Return the name of the database with the add-on for tests, making it again when the add-on changed.

        Always from the template, never by an update: it takes as long, and an update would keep records that
        are loaded only once (noupdate) and columns that the code no longer has.
        """
        stamp = digest(self.stamp(self.template), addon_digest())
        if self.stamp(INSTALLED_DB) != stamp:
            say("installing the add-on on a copy of the template")
            self.copy(self.template, INSTALLED_DB)
            self.install(INSTALLED_DB, ADDON, log="install", echo=True)
            self.generate_bundles(INSTALLED_DB)
            self.set_stamp(INSTALLED_DB, stamp)
        return INSTALLED_DB

    # ------------------------------------------------------------------ processes

    def install(self, db, *modules, options=(), **kwargs):
        """Install modules in a database."""
        self.odoo("-d", db, "-i", ",".join(modules), *ONCE, *options, **kwargs)

    def update(self, db, *modules, **kwargs):
        """Update modules in a database from their code."""
        self.odoo("-d", db, "-u", ",".join(modules), *ONCE, **kwargs)

    def generate_bundles(self, db):
        """Have the web client's bundles ready in a database.

        Else the first page takes long, and so does every browser test: its bundles are rolled back with it.
        """
        self.script(BUNDLES.read_text(), db)

    def script(self, code, db, **variables):
        """Run Python code in Odoo's shell.

        :param str code: the code, for example of a file in tools/scripts; it has ``env``
        :param variables: environment variables for it
        :return: what it printed
        """
        done = subprocess.run(
            ["odoo", "shell", "-d", db, "--no-http", "--log-level=warn"], input=code,
            env={**self.environment, **variables}, text=True, capture_output=True, check=False)
        if done.returncode or "Traceback" in done.stderr:
            raise Problem(f"A script failed in the database {db}:\n{done.stderr[-3000:]}")
        return done.stdout

    def start(self, *args):
        """Start an Odoo process with its output as a pipe."""
        return subprocess.Popen(["odoo", *args], env=self.environment, cwd=ROOT, text=True, errors="replace",
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def serve(self, db, port, *args):
        """Start an Odoo server for one database."""
        return self.start("-d", db, "--db-filter", f"^{db}$", "--http-port", str(port), *args)

    def odoo(self, *args, log, echo=False):
        """Run Odoo to its end, showing progress.

        :param str log: name of the file in .odoo/log that keeps its output
        :param bool echo: whether to show its warnings
        :raise Problem: when it fails or logs an error
        """
        process = self.start(*args)
        try:
            failures = self.follow(process, log, progress=True, echo=echo)
        finally:
            process.terminate()  # it ended long ago, unless we were interrupted
        if process.wait() or failures:
            raise Problem(f"Odoo failed, see {log_file(log)}:\n{''.join(failures[-10:]) or tail(log)}")

    def follow(self, process, log, progress=False, echo=True):
        """Write the output of an Odoo process to a log file until it ends.

        :return: the lines that report an error
        """
        failures, showing = [], False
        log_file(log).parent.mkdir(exist_ok=True)
        with log_file(log).open("w") as file:
            for line in process.stdout:
                file.write(line)
                file.flush()
                if progress and (found := MODULE.search(line)):
                    show_progress(*found.groups())
                harmless = "pg_trgm" in line  # Odoo can do without this extension
                if FAILED.search(line) and not harmless:
                    failures.append(line)
                if found := LOGGED.match(line):  # a traceback follows its message without a heading of its own
                    showing = found[1] not in ("DEBUG", "INFO") and not harmless
                if echo and showing:
                    sys.stderr.write(line)
        return failures


def addon_digest():
    """Return a fingerprint of what of the add-on goes into a database."""
    return tree_digest(ROOT / ADDON, ignore=("tests", "description", f"{ADDON}.pot", "README.md", "pyproject.toml"))


def manifest():
    return ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text())


def log_file(name):
    return STATE / "log" / f"{name}.log"


def tail(log):
    return "".join(log_file(log).read_text().splitlines(keepends=True)[-15:])


def show_progress(module, number, total):
    """Show which module is being loaded: on one line of a terminal, else every tenth."""
    if terminal():
        end = "\n" if number == total else ""
        print(f"\r\033[K           {number}/{total} {module}", end=end, flush=True)
    elif int(number) % 10 == 0 or number == total:
        say(f"  {number}/{total} {module}")
