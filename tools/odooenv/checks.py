"""`make test`, `make lint` and what belongs to them."""
import os
import shutil
import subprocess
from pathlib import Path

from . import machine, odoo_source
from .base import ADDON, ROOT, STATE, Problem, lock, run, say, step, tree_digest
from .python_env import PYTHON, VENV
from .workspace import Workspace

TEST_DB = f"{ADDON}_test"
BENCH_DB = f"{ADDON}_bench"
BENCH = ROOT / "tools/bench"
JS = ROOT / "tools/js"
PYLINT = VENV / "bin/pylint"
# Two runs of pylint, because the two sets of checkers share names. The order of the options matters.
PYLINT_ODOO = (
    "--score=n", "--load-plugins=pylint_odoo", "--disable=all",
    "--enable=odoolint,used-before-assignment,undefined-variable,eval-used,unreachable,function-redefined,reimported,"
    "dangerous-default-value,duplicate-key,pointless-statement,return-in-init,too-few-format-args,unnecessary-pass",
    # our README is Markdown, we are not of the OCA, internal.py replaces the context with good reason, a label
    # beside every field is easier to read, hooks that return nothing need no return, and each area has its own file
    "--disable=missing-readme,manifest-required-author,context-overridden,attribute-string-redundant,missing-return,"
    "consider-merging-classes-inherited",
)
PYLINT_TEST_LINT = (
    "--score=n", "--load-plugins=_odoo_checker_sql_injection,_odoo_checker_gettext,_odoo_checker_unlink_override",
    "--disable=all,unknown-option-value",
    "--enable=sql-injection,missing-gettext,gettext-variable,gettext-placeholders,gettext-repr,raise-unlink-override",
)


def test(args):
    """the whole test suite, or a part of it: ARGS="-k credit", ARGS=sales_mgmt_addon/tests/test_….py"""
    machine.ensure_browser()
    workspace = Workspace()
    with lock("test"):
        _fresh_database(workspace, TEST_DB)
        return _pytest(workspace, TEST_DB, *args)


def test_stock(args):
    """the test suites of sale and sale_stock with the add-on, its areas on and off (no tours)"""
    workspace, db = Workspace(), f"{ADDON}_stock"
    addons = odoo_source.addons_folders(workspace.source)
    suites = [folder / module / "tests" for folder in addons for module in ("sale", "sale_stock")
              if (folder / module).is_dir()]
    status = 0
    with lock("test"):
        for areas in ("on", "off"):
            say(f"stock tests with the areas {areas}")
            _fresh_database(workspace, db)
            workspace.script((ROOT / "tools/scripts/areas.py").read_text(), db, AREAS=areas)
            workspace.environment["STOCK_AREAS"] = areas
            status |= _pytest(workspace, db, "-p", "conftest", "-p", "stock_tests", "-q", *suites, *args)
    return status


def bench(args):
    """measure against plain SQL or stock Odoo in the same run: all parts, or ARGS="quota"

    Each part is a script of tools/bench for Odoo's shell; it prints what it measured and the ratios that must hold.
    """
    workspace = Workspace()
    missed = False
    with lock("bench"):
        for part in args or sorted(path.stem for path in BENCH.glob("[a-z]*.py")):
            script = BENCH / f"{part}.py"
            if not script.exists():
                raise Problem(f"There is no {script.relative_to(ROOT)}.")
            say(f"bench: {part}")
            _fresh_database(workspace, BENCH_DB)
            report = workspace.script(script.read_text(), BENCH_DB)
            print(report, end="", flush=True)
            missed |= "MISSED" in report
        workspace.drop(BENCH_DB)
    return int(missed)


def lint(_args):
    """all checks of the code: Python, XML, access rights, translations, JavaScript"""
    workspace = Workspace()
    checks = {"ruff": _ruff, "pylint": _pylint, "javascript": _javascript, "odoo": _odoo_lint}
    failed = [name for name, check in checks.items() if not _passes(name, check, workspace)]
    if failed:
        raise Problem(f"lint found something: {', '.join(failed)}")
    say("lint found nothing")


def pot(_args):
    """export the translatable terms to i18n/sales_mgmt_addon.pot"""
    _translations(Workspace(), "pot")


def i18n(_args):
    """like pot, and merge the terms into i18n/zh_CN.po"""
    _translations(Workspace(), "pot", "merge")


def wheel(_args):
    """build the add-on as a wheel that pip installs into an existing Odoo (dist/)"""
    Workspace()
    hint = f"Correct {ADDON}/pyproject.toml or the manifest."
    run([PYTHON, "-m", "build", "--wheel", "--no-isolation", "--outdir", ROOT / "dist", ROOT / ADDON], hint)
    newest = max((ROOT / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    say(f"built {newest.relative_to(ROOT)}")


def _fresh_database(workspace, db):
    """Have a database for one run of tests: nothing that an earlier run committed is in it."""
    workspace.copy(workspace.ensure_installed(), db)


def _pytest(workspace, db, *args):
    environment = {**workspace.environment, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tools")))}
    command = [PYTHON, "-m", "pytest", "--rootdir", ROOT, "-c", ROOT / "pyproject.toml",
               f"--odoo-config={workspace.configuration}", f"--odoo-database={db}", "--odoo-http",
               "--odoo-extra=max-cron-threads=0", *args]
    return subprocess.run(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


# ---------------------------------------------------------------------- lint

def _passes(name, check, workspace):
    say(f"lint: {name}")
    return not check(workspace)


def _program(*command, **kwargs):
    command = [str(part) for part in command]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False, **kwargs).returncode


def _ruff(_workspace):
    return _program(VENV / "bin/ruff", "check", "--quiet", "--cache-dir", STATE / "ruff", ADDON, "tools", "conftest.py")


def _pylint(workspace):
    """pylint-odoo, then the checkers of Odoo's own module test_lint."""
    checkers = next(folder / "test_lint/tests" for folder in odoo_source.addons_folders(workspace.source)
                    if (folder / "test_lint").is_dir())
    environment = {**workspace.environment, "PYTHONPATH": str(checkers), "PYLINTHOME": str(STATE / "pylint")}
    return _program(PYLINT, "--rcfile", ROOT / "pyproject.toml", *PYLINT_ODOO, ADDON, env=environment) | \
        _program(PYLINT, "--rcfile", os.devnull, *PYLINT_TEST_LINT, ADDON, env=environment)


def _javascript(_workspace):
    """eslint and prettier, as soon as there is any JavaScript."""
    files = [path for part in ("src", "tests") for path in (ROOT / ADDON / "static" / part).rglob("*.js")]
    if not files:
        return 0
    tools = _node_tools()
    settings = STATE / "js"
    return _program(tools / "eslint", "--config", settings / "eslint.config.mjs", *files) | \
        _program(tools / "prettier", "--log-level=warn", "--config", settings / "prettier.json", "--check", *files)


def _node_tools():
    """Return the folder of eslint and prettier, installing them first if need be."""
    if not shutil.which("npm"):
        machine.apt_install("nodejs", "npm")
    folder = STATE / "js"
    with step("js", tree_digest(JS), "installing eslint and prettier") as todo:
        if todo:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(JS, folder)
            hint = "Is there a network? Then start again."
            run(["npm", "install", "--no-audit", "--no-fund", "--silent"], hint, cwd=folder)
    return folder / "node_modules/.bin"


def _odoo_lint(workspace):
    """Check what needs a database: Odoo's test_lint, view schemas, access rights, translations."""
    with lock("test"):
        _fresh_database(workspace, TEST_DB)
        return _pytest(workspace, TEST_DB, "-q", ROOT / "tools/lint")


# ---------------------------------------------------------------------- translations

def _translations(workspace, *actions):
    exported = STATE / f"{ADDON}.pot"
    with lock("test"):
        database = workspace.ensure_installed()
        run([VENV / "bin/odoo", "i18n", "export", "-d", database, "-o", exported, ADDON],
            "The terms could not be exported.", env=workspace.environment)
    if not exported.exists():
        raise Problem("Odoo exported no terms.")
    for action in actions:
        print(run([PYTHON, ROOT / "tools/translations.py", action, exported, Path(ADDON, "i18n")],
                  "Correct the file.", cwd=ROOT), end="")
