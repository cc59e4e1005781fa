"""The virtual environment: Odoo's requirements, the tools of development, and Odoo itself on the path."""
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from .base import ROOT, STATE, Problem, digest, need_space, run, say, step
from .machine import apt_install

VENV = STATE / "venv"
PYTHON = VENV / "bin/python"
UV = STATE / "uv/bin/uv"
HINT = "Is there a network, and does `pip` reach a package index from this machine? Then start again."
# A real script: after an autoreload Odoo executes argv[0] again, which `python -m odoo` does not survive
LAUNCHER = "#!{python}\nimport odoo.cli\n\nif __name__ == '__main__':\n    odoo.cli.main()\n"


def requirements(*groups):
    """Return the pinned requirements of some groups in pyproject.toml."""
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return [line for group in groups for line in pinned[group]]


def ensure(source):
    """Have the virtual environment, with the Odoo of ``source`` importable."""
    wanted = requirements("odoo", "dev")
    with step("venv", digest(source, *wanted), "installing Python packages") as todo:
        if todo:
            need_space(2)
            base = _interpreter()
            shutil.rmtree(VENV, ignore_errors=True)
            _install(base, wanted)
            site = run([PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], HINT).strip()
            Path(site, "odoo.pth").write_text(f"{source}\n")
            launcher = VENV / "bin/odoo"
            launcher.write_text(LAUNCHER.format(python=PYTHON))
            launcher.chmod(0o755)


def install_apart(folder, *packages):
    """Unpack the wheels of packages into a folder of their own, for what is in them besides Python."""
    # any Python will do, and not every package has wheels for the newest one
    options = ["--target", folder, "--no-deps", "--only-binary=:all:", "--python-version=3.12"]
    say(f"installing {', '.join(packages)}")
    if UV.exists():
        try:
            return run([UV, "pip", "install", *options, *packages], HINT, env=_uv_environment())
        except Problem:  # pip tries again and then says what is wrong
            shutil.rmtree(folder, ignore_errors=True)
    return run([*_pip(), "install", *options, *packages], HINT)


def _interpreter():
    """Return a Python that Odoo 19 runs on and that can make virtual environments."""
    check = "import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    for name in (sys.executable, "python3.12", "python3.11", "python3.13", "/usr/bin/python3"):
        path = shutil.which(name)
        if path and not subprocess.run([path, "-c", check], capture_output=True, check=False).returncode:
            return path
    apt_install("python3-venv")
    return "/usr/bin/python3"


def _install(base, wanted):
    """Fill a new virtual environment: with uv in seconds, else with pip."""
    listing = STATE / "requirements.txt"
    listing.write_text("\n".join(wanted) + "\n")
    try:
        if not UV.exists():
            run([base, "-m", "venv", "--clear", UV.parents[1]], HINT)
            run([UV.with_name("python"), "-m", "pip", "install", "-q", *requirements("installer")], HINT)
        run([UV, "venv", "-q", "--python", base, VENV], HINT, env=_uv_environment())
        run([UV, "pip", "install", "-q", "--python", PYTHON, "-r", listing], HINT, env=_uv_environment())
    except Problem as error:  # pip may still work, and else says what is wrong
        say(f"{error}\nuv cannot do it, trying pip, which takes longer")
        run([base, "-m", "venv", "--clear", VENV], HINT)
        run([PYTHON, "-m", "pip", "install", "-q", "-r", listing], HINT)


def _pip():
    for python in (PYTHON, UV.with_name("python")):
        if not subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
            return [python, "-m", "pip"]
    return [_interpreter(), "-m", "pip"]


def _uv_environment():
    """Return the environment for uv: it shall trust whom the machine trusts and use the index that pip uses."""
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment.setdefault("UV_CACHE_DIR", str(STATE / "uv-cache"))
    environment.setdefault("UV_SYSTEM_CERTS", "true")
    asked = subprocess.run([UV.with_name("python"), "-m", "pip", "config", "get", "global.index-url"],
                           capture_output=True, text=True, check=False).stdout.strip()
    if index := os.environ.get("PIP_INDEX_URL") or asked:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    return environment
