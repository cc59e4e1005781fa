"""What all modules of the tooling share: folders, messages, subprocesses, locks, remembered steps."""
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("ODOOENV_DIR") or ROOT / ".odoo").resolve()
ADDON = "sales_mgmt_addon"
SERIES = "19.0"
START = time.monotonic()


class Problem(Exception):
    """Something the user can put right. The text says what is wrong and what to do."""


def say(message):
    """Report progress, with the seconds since the start."""
    print(f"[{time.monotonic() - START:6.1f}s] {message}", flush=True)


def run(cmd, hint, **kwargs):
    """Run a program silently.

    :param list cmd: program and arguments
    :param str hint: what the user should do if it fails
    :return: what it printed
    :raise Problem: with the last lines of its output and the hint
    """
    try:
        done = subprocess.run(
            [str(part) for part in cmd], text=True, errors="replace", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **kwargs)
    except FileNotFoundError as error:
        raise Problem(f"{cmd[0]} is not on this machine. {hint}") from error
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise Problem(f"{Path(cmd[0]).name} failed:\n{tail}\n{hint}")
    return done.stdout


@contextlib.contextmanager
def step(name, key, message):
    """Do something once: ``with step(...) as todo: if todo: ...``.

    ``todo`` is false when the step was completed before with the same key. A step that was interrupted
    leaves no mark, so the next start does it again from its beginning.
    """
    mark = STATE / "stamps" / name
    key = digest(key)
    if mark.exists() and mark.read_text() == key:
        yield False
        return
    say(message)
    mark.unlink(missing_ok=True)
    yield True
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(key)


@contextlib.contextmanager
def lock(name):
    """Let one process of this checkout at a time do something; the others wait and say so."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another make in this checkout ({name})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def need_space(gigabytes):
    """Stop before a download that would fill the disk.

    :raise Problem: when less is free
    """
    free = shutil.disk_usage(STATE).free / 2**30
    if free < gigabytes:
        raise Problem(f"{STATE} has {free:.1f} GB left, {gigabytes} GB are needed. "
                      "Free some space, or name another folder with ODOOENV_DIR=/path.")


def digest(*parts):
    """Return a short fingerprint of some texts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def tree_digest(folder, ignore=()):
    """Return a fingerprint of all files in a folder: names and contents.

    :param Path folder: where to look
    :param ignore: names of files or sub-folders that do not count
    """
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not {"__pycache__", *ignore}.intersection(parts):
            found.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def terminal():
    return sys.stdout.isatty()
