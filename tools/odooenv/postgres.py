"""The database server: the company's own (PGHOST), else a private one in .odoo/pg.

The private server listens on a Unix socket only and does without fsync: it is for demonstration and tests.
"""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .base import STATE, Problem, digest, run, say
from .machine import apt_install, is_root
from .python_env import PYTHON, install_apart, requirements

HOME = STATE / "pg"
DATA = HOME / "data"
NOBODY = 65534
CONNECT = """
import psycopg2
try:
    psycopg2.connect(dbname="postgres", connect_timeout=5)
except psycopg2.Error as error:
    print(error)
"""
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{socket}'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 1h
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
jit = off
"""


def ensure():
    """Have a database server running.

    :return: the environment variables with which clients reach it
    :raise Problem: when there is none to be had
    """
    if os.environ.get("PGHOST"):
        return _own_server()
    binaries, socket = _binaries(), _socket_folder()
    client = {"PGHOST": str(socket), "PGPORT": "5432", "PGUSER": "odoo"}
    if not (DATA / "PG_VERSION").exists():
        _create(binaries, socket)
    if _error(client):  # not `pg_ctl status`: a server that lives on may have lost its socket
        _control(binaries, "stop", check=False)
        _control(binaries, "start", "-l", HOME / "server.log")
    (HOME / "binaries").write_text(str(binaries))
    return client


def stop():
    """Stop the private server, if it runs."""
    if (DATA / "postmaster.pid").exists() and (HOME / "binaries").exists():
        _control(Path((HOME / "binaries").read_text()), "stop", check=False)


def _own_server():
    if os.environ.get("PGUSER", "") == "postgres":
        raise Problem("Odoo refuses to work as the database user `postgres`. Make another one: "
                      "createuser --createdb odoo; then PGUSER=odoo.")
    if error := _error({}):
        raise Problem(f"PostgreSQL at {os.environ['PGHOST']} cannot be reached: {error}\nStart it, or correct "
                      "PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST to use a private server.")
    return {}


def _error(client):
    """Return why a server cannot be reached, or an empty text."""
    return subprocess.run([PYTHON, "-c", CONNECT], env={**os.environ, **client}, text=True, capture_output=True,
                          check=True).stdout.strip()


def _binaries():
    """Return the folder of initdb and pg_ctl: PGBIN, the machine's, else from a Python wheel."""
    if given := os.environ.get("PGBIN"):
        if not Path(given, "initdb").exists():
            raise Problem(f"PGBIN={given} has no initdb. It is the folder with PostgreSQL's server programs.")
        return Path(given)
    if found := _of_machine() or _of_wheel():
        return found
    if is_root():
        apt_install("postgresql")
        return _of_machine()
    say("this machine has no PostgreSQL server: taking one from a Python wheel (it lacks pg_trgm, Odoo warns of that)")
    install_apart(HOME / "wheel", *requirements("postgresql"))
    return _of_wheel()


def _of_machine():
    folders = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def _of_wheel():
    return next(HOME.glob("wheel/pgserver/pginstall/bin"), None)


def _socket_folder():
    """Return a folder for the socket: the path of a socket is at most 107 characters long."""
    if len(str(HOME)) < 85:
        return HOME
    return Path(tempfile.gettempdir(), f"odooenv-{digest(HOME)}")


def _create(binaries, socket):
    say("creating a private PostgreSQL server")
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    if is_root():
        os.chown(DATA, NOBODY, NOBODY)
    _as_server([binaries / "initdb", "-D", DATA, "-U", "odoo", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync"], "Start again after `make clean`.")
    with (DATA / "postgresql.conf").open("a") as conf:
        conf.write(CONFIGURATION.format(socket=socket))


def _control(binaries, action, *options, check=True):
    _socket_folder().mkdir(parents=True, exist_ok=True)
    try:
        _as_server([binaries / "pg_ctl", "-D", DATA, "-s", "-w", "-m", "fast", *options, action],
                   f"See {HOME / 'server.log'}. `make clean` removes the server and its databases.")
    except Problem:
        if check:
            raise


def _as_server(command, hint):
    """Run a server program. It refuses to be root: then as nobody, who may still pass root's private folders."""
    if is_root():
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=+dac_override",
                   "--ambient-caps=+dac_override", "--", *command]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    run(command, hint, cwd="/", env={**environment, "LC_ALL": "C.UTF-8"})
