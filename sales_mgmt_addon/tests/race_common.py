import threading
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL


class RaceCommon(BaseCase):
    """Real transactions on committed data, because a test cursor hides every race.

    What a test commits, its class deletes again in `_remove_committed_data`.
    """

    workers = 3
    company_id = 0  # the only allowed company, once there is one

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._remove_committed_data)

    @classmethod
    def _remove_committed_data(cls):
        raise NotImplementedError

    @classmethod
    def _get_context(cls):
        companies = {'allowed_company_ids': [cls.company_id]} if cls.company_id else {}
        return {'tracking_disable': True, 'lang': 'en_US', **companies}

    @classmethod
    @contextmanager
    def _environment(cls):
        """Give an environment in a transaction that is committed at its end, unless it ends with an error."""
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, cls._get_context())

    @classmethod
    def _delete_traces(cls, env, model, ids):
        """Delete activities, followers and messages of records that are deleted by SQL."""
        for table, column in (('mail_activity', 'res_model'), ('mail_followers', 'res_model'), ('mail_message', 'model')):
            env.cr.execute(SQL(
                "DELETE FROM %s WHERE %s = %s AND res_id = ANY(%s)",
                SQL.identifier(table), SQL.identifier(column), model, ids))

    @classmethod
    def _delete_rows(cls, env, rows):
        """Delete by SQL what nobody may delete.

        :param rows: tuples (table, column, ids), in the order in which they are deleted
        """
        for table, column, ids in rows:
            env.cr.execute(SQL("DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), ids))

    def _in_parallel(self, *functions):
        """Call functions of an environment in transactions that begin before any of them ends.

        A single function is called by as many workers as the class has.

        :return: what each call returned or raised
        """
        functions = functions * (self.workers if len(functions) == 1 else 1)
        start, results = threading.Barrier(len(functions)), []

        def work(function):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, self._get_context())
                cr.execute("SELECT 1 FROM res_users")  # the snapshot begins here
                start.wait(timeout=60)
                try:
                    results.append(retrying(lambda: function(env), env))
                except Exception as error:  # noqa: BLE001 - the main thread looks at it
                    results.append(error)

        threads = [threading.Thread(target=work, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results
