import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before anything that an older Python cannot even read
    sys.exit("Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 ...")

import errno

from . import checks, server
from .base import STATE, Problem

COMMANDS = {
    "run": server.run,
    "stop": server.stop,
    "shell": server.shell,
    "upgrade": server.upgrade,
    "reset-db": server.reset_db,
    "clean": server.clean,
    "odoo": server.odoo,
    "screenshots": server.screenshots,
    "test": checks.test,
    "test-stock": checks.test_stock,
    "bench": checks.bench,
    "lint": checks.lint,
    "pot": checks.pot,
    "i18n": checks.i18n,
    "wheel": checks.wheel,
}


def usage():
    """Print what each command does: the first line of its docstring."""
    for name, function in COMMANDS.items():
        print(f"  {'tools/odoo' if name == 'odoo' else 'make ' + name:16}  {function.__doc__.splitlines()[0]}")


def main(argv):
    name, args = (argv[0] if argv else "help"), argv[1:]
    if name not in COMMANDS:
        return usage()
    try:
        return COMMANDS[name](args)
    except Problem as problem:
        return f"\nERROR: {problem}"
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"\nERROR: no space left on the disk ({error.filename or STATE}). Free some and start again."
        raise
    except KeyboardInterrupt:
        return 130


sys.exit(main(sys.argv[1:]))
