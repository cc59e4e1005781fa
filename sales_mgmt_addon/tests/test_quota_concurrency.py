import threading
from datetime import date

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.quota.sales_quota_plan_edit import QuotaConflict
from .race_common import RaceCommon

EDITORS = 6
JANUARY = date(2041, 1, 1)


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaConcurrency(RaceCommon):
    """Two people edit at once: real transactions on committed data, because a test cursor hides every race."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._environment() as env:
            team = env['crm.team'].create({'name': "Concurrency"})
            users = env['res.users'].create([
                {'name': f"Editor {number}", 'login': f'quota_editor_{number}', 'crm_team_ids': [Command.set(team.ids)]}
                for number in range(EDITORS)])
            metric = env.ref('sales_mgmt_addon.sales_metric_ordered')
            plan = env['sales.quota.plan'].create({
                'name': "Concurrency", 'date_from': JANUARY,
                'metric_line_ids': [Command.create({'metric_id': metric.id, 'weight': 100})]})
            Node = env['sales.quota.node']
            root = Node.create({'plan_id': plan.id, 'type': 'company'})
            team_node = Node.create({'plan_id': plan.id, 'type': 'team', 'parent_id': root.id, 'team_id': team.id})
            persons = Node.create([{
                'plan_id': plan.id, 'type': 'person', 'parent_id': team_node.id, 'team_id': team.id, 'user_id': user.id,
            } for user in users])
            cls.plan_id, cls.team_id, cls.user_ids = plan.id, team.id, users.ids
            cls.team_node_id, cls.person_ids, cls.metric_id = team_node.id, persons.ids, metric.id

    @classmethod
    def _remove_committed_data(cls):
        with cls._environment() as env:
            env['sales.quota.plan'].browse(cls.plan_id).unlink()
            users = env['res.users'].browse(cls.user_ids)
            partners = users.partner_id
            env['crm.team'].browse(cls.team_id).unlink()
            users.unlink()
            partners.unlink()

    def _edit_at_once(self, edits):
        """Run each edit in its own transaction, all with a snapshot from before the first one.

        :param list edits: tuples (user id, node id, amount, expected)
        :return: the errors
        """
        start, errors = threading.Barrier(len(edits)), []

        def run(user_id, node_id, amount, expected):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True, 'lang': 'en_US'})
                plan = env['sales.quota.plan'].browse(self.plan_id)
                plan.read(['edit_version'])
                start.wait(timeout=60)

                def change():
                    author = env['res.users'].browse(user_id)
                    plan._change_cells([(node_id, self.metric_id, JANUARY, amount, expected)], author=author)
                for click in range(5):
                    try:
                        retrying(change, env)
                        return
                    except QuotaConflict as error:
                        errors.append(error)
                        return
                    except Exception:  # noqa: BLE001 - on a busy machine the tries of a request may not do: click again
                        cr.rollback()
                        if click == 4:
                            raise

        threads = [threading.Thread(target=run, args=edit) for edit in edits]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_parallel_edits_keep_the_sums(self):
        self.assertFalse(self._edit_at_once([
            (user_id, node_id, 10 * number, None)
            for number, (user_id, node_id) in enumerate(zip(self.user_ids, self.person_ids, strict=True), 1)]))
        with self._environment() as env:
            plan = env['sales.quota.plan'].browse(self.plan_id)
            cascade = plan._load_cascade()
            self.assertEqual(cascade.broken(), [])
            key = (self.metric_id, JANUARY)
            self.assertEqual([cascade.get(node, key) for node in self.person_ids], [1000 * n for n in range(1, EDITORS + 1)])
            self.assertEqual(cascade.get(cascade.reserves[self.team_node_id], key), -1000 * sum(range(1, EDITORS + 1)))

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_the_later_one_is_told(self):
        with self._environment() as env:
            env['sales.quota.plan'].browse(self.plan_id)._change_cells(
                [(self.person_ids[0], self.metric_id, JANUARY, 100, None)])
        errors = self._edit_at_once([
            (self.user_ids[0], self.person_ids[0], 111, 100), (self.user_ids[1], self.person_ids[0], 122, 100)])
        self.assertEqual(len(errors), 1)
        with self._environment() as env:
            cell = env['sales.quota.cell'].search([('node_id', '=', self.person_ids[0]), ('month', '=', JANUARY)])
            self.assertIn(cell.amount, (111, 122))
            winner = "Editor 0" if cell.amount == 111 else "Editor 1"
            self.assertEqual(errors[0].conflicts[0]['amount'], cell.amount)
            self.assertRegex(str(errors[0]), f"{winner} changed .* to {cell.amount}")
