"""Where Odoo comes from: the company's own (ODOO_PATH, ODOO_BIN), else Debian's package, unpacked.

The package is only in Debian's suite sid. It is downloaded with apt, but with lists, cache and sources of
its own, and unpacked into .odoo/: nothing of sid is ever installed, and the machine's apt does not notice.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

from .base import SERIES, STATE, Problem, digest, need_space, run, step
from .machine import apt_install, is_root, os_release

DIST = "usr/lib/python3/dist-packages"
FROM_SID = ("odoo-19", "fonts-montserrat")
# Odoo links to these files of other packages; sid has moved some of them since
FROM_BOOKWORM = ("libjs-jquery", "libjs-jquery-form", "libjs-underscore", "fonts-font-awesome",
                 "fonts-roboto-unhinted", "fonts-inconsolata", "fonts-ocr-b")
NOT_UNPACKED = ("./usr/share/doc", f"./{DIST}/addons", f"./{DIST}/setup", f"./{DIST}/doc",
                "*/i18n/[a-y]*.po", "*/i18n/zh_TW.po")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OWN_ODOO = "Or use an Odoo you have: make … ODOO_PATH=/path/to/odoo"


def locate():
    """Return the folder that holds the Python package ``odoo``, getting Odoo first if need be.

    :raise Problem: when there is none, or it is of another series
    """
    own = os.environ.get("ODOO_PATH") or os.environ.get("ODOO_BIN")
    return _own(Path(own).resolve()) if own else _unpacked()


def addons_folders(source):
    """Return the folders with Odoo's own add-ons: one in a package, two in a checkout."""
    return [folder for folder in (source / "addons", source / "odoo/addons") if folder.is_dir()]


def version(source):
    """Return a fingerprint of an Odoo: it changes with its release."""
    return digest(source, (source / "odoo/release.py").read_text())


def series(folder):
    """Return the series of the Odoo in a folder, such as ``'19.0'``, or None."""
    try:
        text = (folder / "odoo/release.py").read_text()
    except OSError:
        return None
    found = re.search(r"version_info\s*=\s*\(\s*'?(?:saas~)?(\d+)'?\s*,\s*(\d+)", text)
    return f"{found[1]}.{found[2]}" if found else None


def _own(path):
    start = path if path.is_dir() else path.parent  # ODOO_BIN names the script
    candidates = [start, start / DIST, *(parent / "lib/python3/dist-packages" for parent in start.parents),
                  *start.parent.glob("lib/python3*/site-packages")]
    for candidate in candidates:
        if found := series(candidate):
            if found != SERIES:
                raise Problem(f"{path} is Odoo {found}; this add-on is for Odoo {SERIES}.")
            return candidate
    raise Problem(f"There is no Odoo at {path}: odoo/release.py is missing. "
                  "ODOO_PATH is the folder with odoo-bin, ODOO_BIN is odoo-bin itself.")


def _unpacked():
    root = STATE / "root"
    with step("odoo", " ".join(FROM_SID + FROM_BOOKWORM), "downloading Odoo 19 (Debian package, 133 MB, once)") as todo:
        if todo:
            need_space(4)
            shutil.rmtree(root, ignore_errors=True)
            packages = STATE / "debs"
            _download(packages)
            for package in sorted(packages.glob("*.deb")):
                _unpack(package, root)
            _repair(root)
            shutil.rmtree(packages)
            shutil.rmtree(STATE / "apt")
    return root / DIST


def _download(folder):
    apt = _private_apt()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}/sid" for name in FROM_SID] + [f"{name}/bookworm" for name in FROM_BOOKWORM]
    run([*apt, "update"], f"The Debian mirror cannot be read: is there a network? {OWN_ODOO}")
    run([*apt, "download", *wanted], f"The Debian mirror failed, or sid has left Odoo 19. {OWN_ODOO}", cwd=folder)


def _private_apt():
    """Return an apt-get command that reads and writes nothing of the machine's own apt."""
    if not KEYRING.exists():
        apt_install("debian-archive-keyring")
    apt = STATE / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(
        "".join(f"deb [signed-by={KEYRING}] {_mirror()} {suite} main\n" for suite in ("sid", "bookworm")))
    options = {
        "Dir::Etc::sourcelist": apt / "sources.list", "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::Lists": apt / "lists", "Dir::State::status": apt / "status", "Dir::Cache": apt / "cache",
        "Acquire::Languages": "none", "Acquire::Retries": "3", "Acquire::PDiffs": "false",
        "Acquire::Check-Valid-Until": "false",  # caching mirrors serve an expired Release of sid
    }
    if is_root():
        options["APT::Sandbox::User"] = "root"  # apt's own user may not read the checkout
    return ["apt-get", "-qq", *(part for key, value in options.items() for part in ("-o", f"{key}={value}"))]


def _mirror():
    """Return the Debian mirror this machine uses: apt knows it, however it is configured."""
    if given := os.environ.get("DEBIAN_MIRROR"):
        return given.rstrip("/")
    if shutil.which("apt-get") and os_release().get("ID") == "debian":
        uris = subprocess.run(["apt-get", "-o", f"Dir::State::Lists={STATE / 'apt/lists'}", "--print-uris", "update"],
                              capture_output=True, text=True, check=False).stdout
        for suite in (os_release().get("VERSION_CODENAME"), "stable", "testing", "unstable", "sid"):
            if found := re.search(rf"^'(\S+?)/dists/{suite}/InRelease'", uris, re.MULTILINE):
                return found[1]
    raise Problem(f"This machine's apt names no Debian mirror. Name one: DEBIAN_MIRROR=<its address>. {OWN_ODOO}")


def _unpack(package, root):
    root.mkdir(parents=True, exist_ok=True)
    files = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    done = subprocess.run(["tar", "-x", "-C", root, "--no-same-owner", "--wildcards",
                           *(f"--exclude={pattern}" for pattern in NOT_UNPACKED)], stdin=files.stdout, check=False)
    if files.wait() or done.returncode:
        raise Problem(f"{package.name} could not be unpacked: is the disk full? Start again to download it anew.")


def _repair(root):
    # Debian removed this file, but the manifest of `mail` names it: without it the web client does not load
    stub = root / DIST / "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text("/* not part of the Debian package */\n")
    dangling = [path for path in root.rglob("*") if path.is_symlink() and not path.exists()]
    if dangling:
        raise Problem(f"The unpacked Odoo lacks files: {', '.join(map(str, dangling[:3]))}. {OWN_ODOO}")
    if series(root / DIST) != SERIES:
        raise Problem(f"The Debian package is not Odoo {SERIES} any more. {OWN_ODOO}")
