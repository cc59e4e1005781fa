import threading

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import new_test_user, tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from .approval_subject import SUBJECT, register_subject, unregister_subject

PARALLEL = 8


@tagged('post_install', '-at_install', 'sales_mgmt_concurrency')
class TestApprovalConcurrency(BaseCase):
    """Real transactions on committed data: what a request is worth when everybody decides at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean_up)
        with cls._cursor() as cr:
            register_subject(cls.registry, cr)
            env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
            cls.user_ids = [
                new_test_user(env, login=f'sm_parallel_{index}', groups='base.group_user').id
                for index in range(PARALLEL + 1)
            ]
            cls.group_id = env['res.groups'].create({
                'name': "Parallel", 'user_ids': [(6, 0, cls.user_ids[1:])]}).id
            cls.rule_id = env['sales.approval.rule'].create({
                'name': "Parallel", 'kind': 'discount', 'company_id': env.company.id,
                'step_ids': [(0, 0, {'approver_type': 'group', 'group_id': cls.group_id})],
            }).id

    @classmethod
    def _cursor(cls):
        return sql_db.db_connect(get_db_name()).cursor()

    @classmethod
    def _clean_up(cls):
        """Decisions cannot be deleted through the ORM: the rows of this test go by SQL."""
        with cls._cursor() as cr:
            cr.execute("""
                DELETE FROM mail_activity WHERE res_model = 'sales.approval.request' AND res_id IN (
                    SELECT id FROM sales_approval_request WHERE res_model = %(model)s);
                DELETE FROM mail_message WHERE model = %(model)s OR (model = 'sales.approval.request'
                    AND res_id IN (SELECT id FROM sales_approval_request WHERE res_model = %(model)s));
                DELETE FROM mail_followers WHERE res_model = 'sales.approval.request' AND res_id IN (
                    SELECT id FROM sales_approval_request WHERE res_model = %(model)s);
                DELETE FROM sales_approval_decision WHERE request_id IN (
                    SELECT id FROM sales_approval_request WHERE res_model = %(model)s);
                DELETE FROM sales_approval_request_step WHERE request_id IN (
                    SELECT id FROM sales_approval_request WHERE res_model = %(model)s);
                DELETE FROM sales_approval_request WHERE res_model = %(model)s;
                DROP TABLE IF EXISTS sales_approval_test_subject;
            """, {'model': SUBJECT})
            env = api.Environment(cr, SUPERUSER_ID, {})
            if hasattr(cls, 'rule_id'):
                env['sales.approval.rule'].browse(cls.rule_id).unlink()
                env['res.groups'].browse(cls.group_id).unlink()
                users = env['res.users'].browse(cls.user_ids)
                partners = users.partner_id
                users.unlink()
                partners.unlink()
            unregister_subject(cls.registry)
            cls.registry._setup_models__(cr)
            cls.registry.registry_invalidated = False
        cls.registry.clear_all_caches()

    def _create_request(self):
        with self._cursor() as cr:
            env = api.Environment(cr, self.user_ids[0], {})
            subject = env[SUBJECT].sudo().create({'name': "Parallel", 'amount': 1, 'discount': 1})
            return subject._approval_ask('discount').id

    def _run_parallel(self, functions):
        """Call each function in a thread and transaction of its own, as a request of a client would."""
        barrier, results = threading.Barrier(len(functions)), [None] * len(functions)

        def run(index, user_id, function):
            with self._cursor() as cr:
                env = api.Environment(cr, user_id, {'lang': 'en_US'})
                cr.execute("SELECT 1")  # the snapshot is as old as in a request
                barrier.wait(30)
                try:
                    results[index] = retrying(lambda: function(env), env)
                    cr.commit()  # pylint: disable=invalid-commit
                except Exception as error:  # noqa: BLE001 (what a client would get, examined later)
                    results[index] = error
                    cr.rollback()
        threads = [
            threading.Thread(target=run, args=(index, user_id, function))
            for index, (user_id, function) in enumerate(functions)
        ]
        with mute_logger('odoo.sql_db', 'odoo.service.model'):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
        return results

    def _assert_one(self, results, request_id, verdicts=('approve',)):
        self.assertEqual(results.count(True), 1, results)
        for result in results:
            if result is not True:
                self.assertIsInstance(result, UserError, result)
                self.assertIn("already decided", str(result))
        with self._cursor() as cr:
            cr.execute("SELECT verdict FROM sales_approval_decision WHERE request_id = %s", [request_id])
            found = cr.fetchall()
            self.assertEqual(len(found), 1)
            self.assertIn(found[0][0], verdicts)
            cr.execute("""
                SELECT subject.events FROM sales_approval_test_subject subject
                JOIN sales_approval_request request ON request.res_id = subject.id WHERE request.id = %s
            """, [request_id])
            self.assertEqual(len(cr.fetchone()[0].split()), 1, "the document heard of it once")

    def test_parallel_approvals_give_one_decision(self):
        request_id = self._create_request()
        results = self._run_parallel([
            (user_id, lambda env: env['sales.approval.request'].browse(request_id).action_approve())
            for user_id in self.user_ids[1:]
        ])
        self._assert_one(results, request_id)

    def test_approve_and_reject_at_once(self):
        request_id = self._create_request()
        results = self._run_parallel([
            (user_id, (lambda env: env['sales.approval.request'].browse(request_id).action_approve())
                if index % 2 else
                (lambda env: env['sales.approval.request'].browse(request_id).action_reject("No")))
            for index, user_id in enumerate(self.user_ids[1:])
        ])
        self._assert_one(results, request_id, ('approve', 'reject'))

    def test_parallel_questions_give_one_request(self):
        with self._cursor() as cr:
            env = api.Environment(cr, self.user_ids[0], {})
            subject_id = env[SUBJECT].sudo().create({'name': "Parallel", 'amount': 1, 'discount': 1}).id
        results = self._run_parallel([
            (self.user_ids[0], lambda env: bool(env[SUBJECT].sudo().browse(subject_id)._approval_ask('discount')))
            for _index in range(4)
        ])
        self.assertGreaterEqual(results.count(True), 1, results)
        with self._cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM sales_approval_request WHERE res_model = %s AND res_id = %s",
                [SUBJECT, subject_id])
            self.assertEqual(cr.fetchone()[0], 1)
