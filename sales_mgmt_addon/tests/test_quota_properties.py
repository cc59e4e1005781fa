from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged

from .quota_common import QuotaCommon

cents = st.integers(0, 10 ** 7).map(lambda units: units / 100)
METHODS = ('equal', 'history', 'headcount', 'pipeline')


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaProperties(QuotaCommon):
    """Random edits of a real plan in the database: parent = sum of children + reserve, always.

    Long random sequences run without a database in test_quota_cascade.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team2 = cls._create_team(
            "Team Dongguan", parent=cls.team_region, members=cls._create_user('sm_more', 'sales_team.group_sale_salesman'))
        cls.plan.action_build_tree()

    def _step(self, data):
        plan = self.plan
        nodes = plan.node_ids.sorted('position')
        inner = nodes.filtered(lambda node: node.type in ('company', 'region', 'team'))
        action = data.draw(st.sampled_from(['change', 'change', 'distribute', 'move', 'delete', 'join']))
        metric = data.draw(st.sampled_from([self.metric, self.metric_count, self.metric_ratio]))
        if action == 'change':
            plan._change_cells([
                (data.draw(st.sampled_from(nodes)), metric, self._month(data.draw(st.integers(1, 3))), data.draw(cents), None)
                for _number in range(data.draw(st.integers(1, 4)))
            ], data.draw(st.sampled_from(['reserve', 'siblings', 'parent'])), "Property",
                data.draw(st.sampled_from(['reserve', 'children'])))
        elif action == 'distribute':
            plan._distribute(
                data.draw(st.sampled_from(inner)), metric, data.draw(st.none() | cents), data.draw(st.sampled_from(METHODS)),
                data.draw(st.sampled_from([None, 'flat', 'history', list(range(12))])),
                padding=data.draw(st.integers(-50, 50)), recursive=data.draw(st.booleans()))
        elif action == 'move':
            data.draw(st.sampled_from(nodes)).action_move(data.draw(st.sampled_from(inner)).id)
        elif action == 'delete':
            data.draw(st.sampled_from(nodes.filtered(lambda node: node.type in ('person', 'team')) or nodes)).unlink()
        else:
            plan.action_build_tree()

    @settings(deadline=None, derandomize=True, max_examples=25)
    @given(data=st.data())
    def test_sums_hold_in_the_database(self, data):
        with self.env.cr.savepoint(flush=False) as savepoint:
            for _number in range(data.draw(st.integers(1, 8))):
                try:
                    with self.env.cr.savepoint():
                        self._step(data)
                except UserError:
                    self.env.invalidate_all()
                self.assertExact(self.plan)
            self.env.flush_all()
            savepoint.rollback()
            self.env.invalidate_all()
