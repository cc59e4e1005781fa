"""Get Odoo 19, Python packages and PostgreSQL into the folder .odoo/ and work with them.

Only the standard library: this code runs before anything is installed. From the ground up:

``base``         folders, messages, subprocesses, locks, remembered steps
``machine``      what is asked of the operating system: packages, a browser, a free port
``odoo_source``  Odoo itself: the company's own or the Debian package, unpacked
``python_env``   the virtual environment
``postgres``     the database server: the company's own or a private one
``workspace``    all of these together: Odoo processes and databases
``server``       ``make run`` and its relatives
``checks``       ``make test``, ``make lint`` and their relatives
"""
