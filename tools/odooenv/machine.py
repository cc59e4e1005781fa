"""What is asked of the operating system."""
import os
import shutil
import socket
import subprocess
from pathlib import Path

from .base import STATE, Problem, say

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # where Odoo looks


def is_root():
    return os.getuid() == 0


def os_release():
    """Return the facts of /etc/os-release as a dict."""
    lines = Path("/etc/os-release").read_text().splitlines()
    return dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)


def apt_install(*packages):
    """Install packages of the machine's own distribution.

    :raise Problem: when that takes another user, or fails
    """
    ask = f"Please install it: apt-get install {' '.join(packages)}"
    if not is_root() or not shutil.which("apt-get"):
        raise Problem(f"This machine lacks {', '.join(packages)}. {ask}")
    say(f"installing {', '.join(packages)}")
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    command += packages
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "apt-install.log").open("a") as log:
        # the package lists may be missing (containers) or old: fetch them only then
        for attempt in (command, ["apt-get", "-qq", "update"], command):
            done = subprocess.run(attempt, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  check=False)
            if attempt is command and not done.returncode:
                return
    raise Problem(f"apt-get failed, see {log.name}. {ask}")


def ensure_browser():
    """Have Chromium for the browser tests, and a font for the Chinese in its pictures.

    Without them the other tests still run: the browser tests then fail and say why.
    """
    wanted = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    if not any(Path("/usr/share/fonts").rglob("*CJK*")):
        wanted.append("fonts-noto-cjk")
    if not wanted:
        return
    try:
        if "chromium" in wanted and os_release().get("ID") == "ubuntu":
            raise Problem("Ubuntu has Chromium as a snap only. Please install google-chrome.")
        apt_install(*wanted)
    except Problem as problem:
        say(f"WARNING: browser tests will fail or look wrong. {problem}")


def ensure_reports():
    """Have what Odoo prints PDF documents with: without it a customer cannot sign a quotation."""
    wanted = [] if shutil.which("wkhtmltopdf") else ["wkhtmltopdf"]
    if not any(Path("/usr/share/fonts").rglob("*CJK*")):
        wanted.append("fonts-noto-cjk")
    try:
        if wanted:
            apt_install(*wanted)
    except Problem as problem:
        say(f"WARNING: PDF documents and signatures in the portal will not work. {problem}")


def check_port(port):
    """Make sure that nobody listens on a local port.

    :raise Problem: when it is taken
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(f"Port {port} is taken ({error.strerror}). Choose another one: make run PORT={port + 1}, "
                          "or stop what runs there (make stop, if it is ours).") from error


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
