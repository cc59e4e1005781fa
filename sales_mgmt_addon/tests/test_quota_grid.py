"""The grid of targets: what it shows to whom, and what it stores."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .quota_pages_common import QuotaPagesCommon

MARCH = '2031-03-01'


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaGrid(QuotaPagesCommon):

    def _grid(self, user, metric=None):
        return self.plan.with_user(user).get_grid((metric or self.invoiced).id)

    def _save(self, user, changes, absorb='reserve', reason=None):
        """Save ``(node, amount, expected)`` for March."""
        return self.plan.with_user(user).save_grid(self.invoiced.id, [
            {'node_id': node.id, 'month': MARCH, 'amount': amount, 'expected': expected}
            for node, amount, expected in changes
        ], absorb, reason)

    # === WHAT IT SHOWS === #

    def test_tree_months_and_cells(self):
        grid = self._grid(self.user_sm_manager)
        self.assertEqual(grid['months'][0], '2031-01-01')
        self.assertEqual(len(grid['months']), 12)
        self.assertEqual([(row['name'], row['depth']) for row in grid['nodes'] if row['type'] != 'reserve'], [
            ("Node company", 0), ("Node region", 1), ("Node team", 2), ("Node person", 3), ("Node person", 3)])
        self.assertEqual(grid['nodes'][-1]['type'], 'reserve', "the reserve of the company comes last")
        self.assertEqual(grid['cells'][self.node_sales.id][MARCH][1:], [200.0, False])
        self.assertEqual(grid['cells'][self.reserve.id][MARCH][1], 150.0)
        self.assertFalse(grid['plan']['readonly_reason'])
        self.assertEqual(grid['metrics'][0]['step'], self.company.currency_id.rounding)

    def test_proposal_beside_the_target(self):
        self.node_sales.with_user(self.user_sm_sales).action_propose([[self.invoiced.id, MARCH, 180.0]], "A hard month")
        self.assertEqual(self._grid(self.user_sm_leader)['cells'][self.node_sales.id][MARCH][2], 180.0)

    def test_who_may_type_where(self):
        editable = lambda user: {row['id'] for row in self._grid(user)['nodes'] if row['editable']}  # noqa: E731
        self.assertEqual(editable(self.user_sm_manager), set(self.nodes.ids))
        self.assertEqual(editable(self.user_sm_leader), {self.node_sales.id, self.node_sales2.id})
        self.assertEqual(editable(self.user_sm_region), {self.node_team.id, self.node_sales.id, self.node_sales2.id})
        self.assertEqual(editable(self.user_sm_sales), set())

    def test_salesperson_sees_himself_only(self):
        grid = self._grid(self.user_sm_sales)
        self.assertEqual([row['id'] for row in grid['nodes']], [self.node_sales.id])
        self.assertEqual(list(grid['cells']), [self.node_sales.id])

    def test_leader_sees_his_subtree(self):
        shown = {row['id'] for row in self._grid(self.user_sm_leader)['nodes']}
        self.assertIn(self.node_team.id, shown)
        self.assertIn(self.reserve.id, shown)
        self.assertNotIn(self.node_region.id, shown)
        self.assertNotIn(self.node_company.id, shown)

    def test_no_grid_without_the_right(self):
        for user in (self.user_sm_portal, self.user_sm_billing):
            with self.assertRaises(AccessError):
                self._grid(user)

    def test_closed_plan_says_so(self):
        self.plan.sudo()._set({'state': 'closed'})
        grid = self._grid(self.user_sm_manager)
        self.assertIn("closed", grid['plan']['readonly_reason'])
        self.assertFalse(any(row['editable'] for row in grid['nodes']))
        with self.assertRaisesSaying(UserError, "closed"):
            self._save(self.user_sm_manager, [(self.node_sales, 1.0, 200.0)])

    def test_metric_of_another_plan(self):
        with self.assertRaisesSaying(UserError, "does not have this metric"):
            self._grid(self.user_sm_manager, self.orders)

    def test_plan_without_metric(self):
        plan = self._create_plan(2033, metrics=())
        with self.assertRaisesSaying(UserError, "add one to the plan"):
            plan.with_user(self.user_sm_manager).get_grid()

    def test_queries_do_not_depend_on_the_number_of_nodes(self):
        def open_grid():
            self._grid(self.user_sm_manager)

        few = self._count_queries(open_grid)
        self._add_persons(25)
        self.assertEqual(self._count_queries(open_grid), few)

    # === WHAT IT STORES === #

    def test_leader_saves(self):
        result = self._save(self.user_sm_leader, [(self.node_sales, 210.0, 200.0), (self.node_sales2, 130.0, 150.0)],
                            reason="Key account moved")
        self.assertEqual((result['saved'], result['conflicts'], result['request']), (2, [], False))
        self.assertEqual(result['grid']['cells'][self.node_sales.id][MARCH][1], 210.0)
        self.assertEqual(self._cell_amount(self.reserve, 3), 160.0, "150 − 10 + 20")
        self.assertEqual(self._cell_amount(self.node_team, 3), 500.0)
        change = self.env['sales.quota.change'].search([('node_id', '=', self.node_sales.id)], limit=1)
        self.assertRecordValues(change, [{
            'author_id': self.user_sm_leader.id, 'reason': "Key account moved", 'before': 200.0, 'delta': 10.0}])

    def test_siblings_take_the_difference(self):
        self._save(self.user_sm_leader, [(self.node_sales, 250.0, 200.0)], absorb='siblings')
        self.assertEqual(self._cell_amount(self.node_sales2, 3), 100.0)
        self.assertEqual(self._cell_amount(self.reserve, 3), 150.0)

    def test_parent_grows_only_with_approval(self):
        result = self._save(self.user_sm_leader, [(self.node_sales, 250.0, 200.0)], absorb='parent')
        self.assertEqual(result['saved'], 0)
        self.assertTrue(result['request'])
        self.assertEqual(self._cell_amount(self.node_sales, 3), 200.0)

    def test_somebody_was_faster(self):
        self._save(self.user_sm_region, [(self.node_sales, 220.0, 200.0)])
        result = self._save(self.user_sm_leader, [(self.node_sales, 210.0, 200.0), (self.node_sales2, 140.0, 150.0)])
        self.assertEqual(result['saved'], 0)
        self.assertEqual(len(result['conflicts']), 1)
        conflict = result['conflicts'][0]
        self.assertEqual(
            (conflict['node_id'], conflict['month'], conflict['amount'], conflict['user']),
            (self.node_sales.id, MARCH, 220.0, "Sm Region"))
        self.assertTrue(conflict['time'])
        self.assertEqual(result['grid']['cells'][self.node_sales.id][MARCH][1], 220.0)
        self.assertEqual(self._cell_amount(self.node_sales2, 3), 150.0, "nothing is saved while one cell is in doubt")
        result = self._save(self.user_sm_leader, [(self.node_sales, 210.0, 220.0)])
        self.assertEqual(result['saved'], 1)

    def test_undo_of_what_the_siblings_gave(self):
        self._save(self.user_sm_leader, [(self.node_sales, 250.0, 200.0)], absorb='siblings')
        self._save(self.user_sm_leader, [(self.node_sales, 200.0, 250.0), (self.node_sales2, 150.0, 100.0)])
        self.assertEqual(
            [self._cell_amount(node, 3) for node in (self.node_sales, self.node_sales2, self.reserve)], [200.0, 150.0, 150.0])

    def test_who_may_not_save(self):
        for user, node in (
            (self.user_sm_sales, self.node_sales), (self.user_sm_sales2, self.node_sales),
            (self.user_sm_leader, self.node_team), (self.user_sm_leader, self.node_region),
            (self.user_sm_portal, self.node_sales), (self.user_sm_billing, self.node_sales),
        ):
            with self.subTest(user=user.login, node=node.name), self.assertRaises(AccessError):
                self._save(user, [(node, 1.0, self.amounts[node])])
        self.assertEqual(self._cell_amount(self.node_sales, 3), 200.0)

    def test_bad_input(self):
        other_plan = self._create_plan(2033)
        stranger = self._create_node('company', plan=other_plan)
        good = {'node_id': self.node_sales.id, 'month': MARCH, 'amount': 1.0, 'expected': 200.0}
        for changes, message in (
            ([{**good, 'amount': "a lot"}], "not a number"),
            ([{**good, 'amount': float('nan')}], "not a number"),
            ([{**good, 'amount': True}], "not a number"),
            ([{**good, 'amount': 1e15}], "too large"),
            ([{**good, 'amount': -1.0}], "negative"),
            ([{**good, 'month': '2032-01-01'}], "outside the year"),
            ([{**good, 'month': '2031-03-15'}], "first day of a month"),
            ([{**good, 'month': "March"}], "not a date"),
            ([{**good, 'node_id': stranger.id}], "not part of the plan"),
            ([{**good, 'node_id': self.reserve.id, 'expected': 150.0}], "is the reserve"),
            ([{**good, 'node_id': None}], "reload the grid"),
            ([{'node_id': self.node_sales.id}], "reload the grid"),
            (["nonsense"], "reload the grid"),
            ({'node_id': 1}, "at once"),
            ([good] * 5001, "at once"),
        ):
            with self.subTest(message=message), self.assertRaisesSaying(UserError, message):
                self.plan.with_user(self.user_sm_manager).save_grid(self.invoiced.id, changes)
        with self.assertRaisesSaying(UserError, "reserve, the siblings or the parent"):
            self._save(self.user_sm_manager, [(self.node_sales, 1.0, 200.0)], absorb='nobody')
        self.assertEqual(self._cell_amount(self.node_sales, 3), 200.0)

    def test_nothing_to_save(self):
        self.assertEqual(self._save(self.user_sm_leader, [])['saved'], 0)
