"""`make run` and what belongs to it."""
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import machine, postgres
from .base import ADDON, ROOT, STATE, Problem, lock, say
from .python_env import PYTHON
from .workspace import RUN_DB, Workspace, addon_digest

PID_FILE = STATE / "run.pid"
LOGINS = """
    SELECT users.login, partner.name
      FROM ir_model_data AS data
      JOIN res_users AS users ON users.id = data.res_id AND users.active
      JOIN res_partner AS partner ON partner.id = users.partner_id
     WHERE data.module = %s AND data.model = 'res.users'
  ORDER BY users.share, users.id
"""


def run(args):
    """Odoo with the add-on and the demo company on http://localhost:8069 (PORT=…); Ctrl-C stops it"""
    port = int(os.environ.get("PORT") or 8069)
    machine.check_port(port)
    machine.ensure_reports()
    workspace = Workspace()
    _ensure_run_database(workspace)
    process = workspace.serve(RUN_DB, port, "--pidfile", str(PID_FILE), *args)
    url = f"http://localhost:{port}"
    threading.Thread(target=_announce, args=(workspace, process, url), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        workspace.follow(process, "run")
    except KeyboardInterrupt:  # Odoo got it too and is ending
        workspace.follow(process, "run")
    say("Odoo has stopped")
    return 0 if process.wait() <= 0 else process.returncode


def stop(_args):
    """stop Odoo and the private database server"""
    if pid := _running():
        os.kill(pid, signal.SIGTERM)
        while _running():
            time.sleep(0.1)
    postgres.stop()


def shell(args):
    """Odoo's Python shell on a database (DB=…)"""
    workspace = Workspace()
    if workspace.stamp(RUN_DB) is None:
        raise Problem(f"There is no database {RUN_DB}. `make run` creates it, or name another: make shell DB=…")
    _become(workspace, "shell", "-d", RUN_DB, "--no-http", *args)


def upgrade(_args):
    """update the add-on in the run database (DB=…) from the code"""
    workspace = Workspace()
    if workspace.stamp(RUN_DB) is None:
        raise Problem(f"There is no database {RUN_DB}. `make run` creates it, or name another: make upgrade DB=…")
    with lock("run"):
        _update(workspace)
    if _running():
        say("the running Odoo reloads its models with the next request; new Python code needs a new `make run`")


def reset_db(_args):
    """forget the run database; the next `make run` makes the demo company anew"""
    Workspace().drop(RUN_DB)


def clean(_args):
    """stop everything and remove it: databases, Odoo, Python packages (all of .odoo/)"""
    stop(())
    shutil.rmtree(STATE, ignore_errors=True)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)


def odoo(args):
    """any odoo-bin command line: tools/odoo …"""
    _become(Workspace(), *args)


def screenshots(args):
    """take the pictures of the guide (tools/screenshots.py, on a fresh demo company)"""
    script = ROOT / "tools/screenshots.py"
    if not script.exists():
        raise Problem("There is no tools/screenshots.py.")
    machine.ensure_browser()
    workspace, db, port = Workspace(), f"{ADDON}_screenshots", machine.free_port()
    with lock("screenshots"):
        _create_demo_company(workspace, db)
        process, url = workspace.serve(db, port, "--max-cron-threads=0"), f"http://localhost:{port}"
        try:
            threading.Thread(target=workspace.follow, args=(process, "screenshots"), daemon=True).start()
            _wait(process, url)
            environment = {**workspace.environment, "ODOO_URL": url, "ODOO_DB": db}
            return subprocess.run([PYTHON, script, *args], env=environment, check=False).returncode
        finally:
            process.terminate()


def _ensure_run_database(workspace):
    with lock("run"):
        stamp = workspace.stamp(RUN_DB)
        if not stamp:  # none, or one whose creation was interrupted
            _create_demo_company(workspace, RUN_DB)
            workspace.set_stamp(RUN_DB, addon_digest())
        elif stamp != addon_digest():
            _update(workspace)


def _create_demo_company(workspace, db):
    say("creating the demo company")
    workspace.copy(workspace.template, db)
    # Odoo loads the demo data of a module only where all its dependencies have theirs. They have none, so that
    # the demo company contains nothing but itself: let them count as if they had.
    workspace.sql("UPDATE ir_module_module SET demo = true", db=db)
    workspace.install(db, ADDON, options=["--with-demo"], log="demo", echo=True)
    workspace.generate_bundles(db)


def _update(workspace):
    say("updating the add-on")
    workspace.update(RUN_DB, ADDON, log="update", echo=True)
    workspace.generate_bundles(RUN_DB)
    workspace.set_stamp(RUN_DB, addon_digest())


def _announce(workspace, process, url):
    """Say where Odoo is and who can log in, once it answers."""
    if not _wait(process, url):
        return
    people = [("admin", "Administrator"), *workspace.sql(LOGINS, ADDON, db=RUN_DB)]
    width = max(len(login) for login, _name in people)
    lines = "\n".join(f"    {login:{width}}  {name}" for login, name in people)
    say(f"Odoo is ready: {url}\n\n  Users (the password is the login):\n{lines}\n\n"
        f"  Log: {STATE / 'log/run.log'}. Ctrl-C or `make stop` stops it.")


def _wait(process, url):
    """Wait until Odoo serves its login page; return whether it does."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/web/login", timeout=60) as page:  # noqa: S310 - our own address
                return page.status == 200
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False


def _running():
    """Return the process id of the Odoo that `make run` started, or None."""
    try:
        pid = int(PID_FILE.read_text())
        return pid if str(STATE) in Path(f"/proc/{pid}/cmdline").read_text() else None
    except (OSError, ValueError):
        return None


def _become(workspace, *args):
    os.chdir(os.environ.get("PWD", "."))
    os.execvpe("odoo", ["odoo", *args], workspace.environment)  # noqa: S606
