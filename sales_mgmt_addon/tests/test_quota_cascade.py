from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..models.quota.cascade import Cascade, CascadeError, apportion, scale
from ..models.quota.sales_quota_plan_edit import QuotaConflict
from .quota_common import QuotaCommon

KEY, KEY2, RATIO = (1, 'jan'), (1, 'feb'), (2, 'jan')
amounts = st.integers(min_value=0, max_value=10 ** 9)


@st.composite
def trees(draw):
    """A root, regions, teams and persons, each inner node with its reserve, and exact amounts."""
    parents, reserves, counter = {1: None, 2: 1}, {1: 2}, 2
    inner = [1]
    for _number in range(draw(st.integers(1, 8))):
        parent = draw(st.sampled_from(inner))
        counter += 1
        parents[counter] = parent
        if draw(st.booleans()):
            inner.append(counter)
            parents[counter + 1] = counter
            reserves[counter] = counter + 1
            counter += 1
    return Cascade(parents, reserves, {1}, {})


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaArithmetic(BaseCase):
    """Random trees, amounts, methods and edits: parent = sum of children + reserve, whatever happens."""

    def _check(self, cascade):
        self.assertEqual(cascade.broken(), [])
        negative = [
            place for place, amount in cascade.amounts.items() if amount < 0 and place[0] not in cascade.reserve_nodes]
        self.assertFalse(negative)

    def _step(self, cascade, data):
        nodes = sorted(node for node in cascade.parents if node not in cascade.reserve_nodes)
        action = data.draw(st.sampled_from(['change', 'change', 'reserve', 'split', 'move', 'remove']))
        node, key = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from([KEY, KEY2, RATIO]))
        inner = sorted(cascade.reserves)
        if action == 'change':
            cascade.change(node, key, data.draw(amounts), data.draw(st.sampled_from(['reserve', 'siblings', 'parent'])),
                           data.draw(st.sampled_from(['reserve', 'children'])))
        elif action == 'reserve':
            cascade.change(cascade.reserves[data.draw(st.sampled_from(inner))], key, data.draw(amounts), 'siblings')
        elif action == 'split':
            node = data.draw(st.sampled_from(inner))
            weights = {child: data.draw(st.one_of(st.integers(0, 9), st.floats(0, 1e6)))
                       for child in cascade.children.get(node, ())}
            cascade.split(node, key, weights, data.draw(st.floats(-100, 100)))
        elif action == 'move' and node != 1:
            below = {node, *cascade.below(node)}
            targets = [other for other in inner if other not in below]
            cascade.move(node, data.draw(st.sampled_from(targets)))
        elif action == 'remove' and node != 1:
            cascade.remove(node)

    @settings(deadline=None, derandomize=True, max_examples=150)
    @given(cascade=trees(), data=st.data())
    def test_sums_hold_after_any_edits(self, cascade, data):
        for _number in range(data.draw(st.integers(1, 12))):
            before = dict(cascade.amounts)
            try:
                self._step(cascade, data)
                cascade.check()
            except CascadeError:
                # what is refused is rolled back
                cascade.amounts, cascade.before = before, {}
            self._check(cascade)

    @settings(deadline=None, derandomize=True, max_examples=200)
    @given(
        total=st.integers(-10 ** 12, 10 ** 12),
        weights=st.lists(st.one_of(st.integers(0, 50), st.floats(0, 1e9)), max_size=20))
    def test_apportion_loses_nothing(self, total, weights):
        parts = apportion(total, weights)
        self.assertEqual(sum(parts), total if weights else 0)
        self.assertFalse([part for part in parts if part * total < 0])

    def test_apportion_by_hand(self):
        self.assertEqual(apportion(100, [1, 1, 1]), [34, 33, 33])
        self.assertEqual(apportion(100, [0, 0]), [50, 50])
        # 10 by 1:2:4 = 1.43, 2.86, 5.71: the larger remainders get the two units left
        self.assertEqual(apportion(10, [1, 2, 4]), [1, 3, 6])
        self.assertEqual(apportion(-10, [1, 2, 4]), [-1, -3, -6])
        self.assertEqual(apportion(1, [0.5, 0.25]), [1, 0])

    def test_scale_rounds_half_up(self):
        self.assertEqual(scale(1005, 110), 1106)
        self.assertEqual(scale(5, 50), 3)
        self.assertEqual(scale(0, 110), 0)
        self.assertEqual(scale(100, 0), 0)


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaCascade(QuotaCommon):
    """Where the difference of an edit goes."""

    def setUp(self):
        super().setUp()
        # root 1000 = region 600 + 400; region 600 = team 500 + 100; team 500 = 200 + 250 + 50
        for node, amount in (
            (self.root, 1000), (self.node_region, 600), (self.node_team, 500), (self.node_sales, 200), (self.node_sales2, 250),
        ):
            self._set(node, 1, amount)

    def _all(self):
        nodes = (
            self.root, self._reserve(self.root), self.node_region, self._reserve(self.node_region), self.node_team,
            self._reserve(self.node_team), self.node_sales, self.node_sales2)
        return self._amounts(*nodes)

    def test_reserve_takes_the_difference(self):
        self.assertEqual(self._all(), [1000, 400, 600, 100, 500, 50, 200, 250])
        self._set(self.node_sales, 1, 230.55)
        self.assertEqual(self._all(), [1000, 400, 600, 100, 500, 19.45, 230.55, 250])
        self._set(self.node_team, 1, 480)
        self.assertEqual(self._all(), [1000, 400, 600, 120, 480, -0.55, 230.55, 250])
        self.assertExact(self.plan)

    def test_siblings_take_the_difference(self):
        self._set(self.node_sales, 1, 100, absorb='siblings')
        self.assertEqual(self._all(), [1000, 400, 600, 100, 500, 50, 100, 350])
        with self.assertRaisesSaying(UserError, "too little to give"):
            self._set(self.node_sales, 1, 451, absorb='siblings')
        with self.assertRaisesSaying(UserError, "no siblings"):
            self._set(self.node_team, 1, 451, absorb='siblings')
        self.assertExact(self.plan)

    def test_parent_takes_the_difference(self):
        self._set(self.node_sales, 1, 210, absorb='parent')
        self.assertEqual(self._all(), [1000, 400, 600, 90, 510, 50, 210, 250])
        self._set(self.node_region, 1, 700, absorb='parent')
        self.assertEqual(self._all(), [1100, 400, 700, 190, 510, 50, 210, 250])
        self.assertExact(self.plan)

    def test_children_in_proportion(self):
        self._set(self.node_team, 1, 1000, down='children')
        self.assertEqual(self._all(), [1000, 400, 600, -400, 1000, 100, 400, 500])
        self._set(self.root, 1, 500, down='children')
        self.assertEqual(self._all(), [500, 200, 300, -200, 500, 50, 200, 250])
        self.assertExact(self.plan)

    def test_reserve_itself(self):
        reserve = self._reserve(self.node_team)
        with self.assertRaisesSaying(UserError, "siblings or the parent"):
            self._set(reserve, 1, 100)
        self._set(reserve, 1, 95, absorb='siblings')
        # 45 less by 200:250
        self.assertEqual(self._all(), [1000, 400, 600, 100, 500, 95, 180, 225])
        self._set(reserve, 1, -5, absorb='parent')
        self.assertEqual(self._all(), [1000, 400, 600, 200, 400, -5, 180, 225])
        self.assertExact(self.plan)

    def test_block_of_cells_keeps_what_was_entered(self):
        plan, jan = self.plan, self._month(1)
        plan._change_cells([
            (self.node_team, self.metric, jan, 700, None),
            (self.node_sales, self.metric, jan, 300, None),
            (self.node_sales2, self.metric, jan, 350, None),
            (self.node_sales, self.metric, self._month(2), 10, None),
        ], reason="Pasted")
        self.assertEqual(self._all(), [1000, 400, 600, -100, 700, 50, 300, 350])
        self.assertEqual(self._amounts(self.node_sales, self._reserve(self.node_team), month=2), [10, -10])
        with self.assertRaisesSaying(UserError, "no siblings"):
            plan._change_cells([
                (self.node_sales, self.metric, jan, 1, None), (self.node_sales2, self.metric, jan, 2, None)], 'siblings')
        self.assertExact(self.plan)

    def test_ratio_is_no_sum(self):
        self._set(self.node_team, 1, 40, metric=self.metric_ratio)
        self.assertEqual(
            self._amounts(self.root, self.node_team, self._reserve(self.node_team), metric=self.metric_ratio), [0, 40, 0])

    def test_number_of_queries_does_not_depend_on_the_number_of_cells(self):
        edits = [
            (node, metric, self._month(month), 10 * month + 1, None)
            for node in (self.node_sales, self.node_sales2) for metric in (self.metric, self.metric_count)
            for month in range(1, 13)
        ]
        self.plan._change_cells(edits[:1])
        self.env.flush_all()
        counts = []
        for block in (edits[1:3], edits[3:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan._change_cells(block)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 1, counts)
        self.assertLess(counts[1], 30)

    def test_bad_numbers(self):
        for amount in (float('nan'), float('inf'), -float('inf'), 1e13, "12", None, True):
            with self.assertRaises(ValidationError):
                self._set(self.node_sales, 1, amount)
        with self.assertRaisesSaying(UserError, "negative"):
            self._set(self.node_sales, 1, -1)
        jan = self._month(1)
        for month in ('2031-01-02', '2030-12-01', '2032-01-01', 'soon', None, 7):
            with self.assertRaises(ValidationError):
                self.plan._change_cells([(self.node_sales, self.metric, month, 1, None)])
        for metric in (self.env.ref('sales_mgmt_addon.sales_metric_margin'), 0, 'x', None):
            with self.assertRaises(ValidationError):
                self.plan._change_cells([(self.node_sales, metric, jan, 1, None)])
        for node in (0, 'x', 10 ** 8):
            with self.assertRaises(ValidationError):
                self.plan._change_cells([(node, self.metric, jan, 1, None)])
        with self.assertRaises(ValidationError):
            self._set(self.node_sales, 1, 1, absorb='nobody')
        self.assertEqual(self._all(), [1000, 400, 600, 100, 500, 50, 200, 250])

    def test_amounts_are_rounded_to_the_currency(self):
        self._set(self.node_sales, 1, 33.333333)
        self.assertEqual(self._amount(self.node_sales), 33.33)
        self.company.currency_id.sudo().rounding = 1
        self._set(self.node_sales, 1, 33.6)
        self._set(self.node_sales, 1, 33.6, metric=self.metric_count)
        self.assertEqual(self._amount(self.node_sales), 34)
        self.assertEqual(self._amount(self.node_sales, metric=self.metric_count), 33.6)

    def test_later_editor_sees_what_the_first_did(self):
        self._set(self.node_sales, 1, 210, user=self.user_sm_leader, reason="First")
        with self.assertRaises(QuotaConflict) as caught:
            self._set(self.node_sales, 1, 220, expected=200)
        self.assertRegex(str(caught.exception), "Sm Leader changed .* to 210.0 at ")
        self.assertEqual(caught.exception.conflicts[0]['amount'], 210)
        self.assertEqual(caught.exception.conflicts[0]['user'], "Sm Leader")
        self._set(self.node_sales, 1, 220, expected=210)
        self.assertEqual(self._amount(self.node_sales), 220)

    def test_orm_leads_to_the_same_sums(self):
        cell = self.node_sales.cell_ids.filtered(lambda c: c.metric_id == self.metric)
        cell.write({'amount': 210})
        self.assertEqual(self._all(), [1000, 400, 600, 100, 500, 40, 210, 250])
        made = self.env['sales.quota.cell'].create({
            'node_id': self.node_sales.id, 'metric_id': self.metric.id, 'month': '2031-03-01', 'amount': 5})
        self.assertEqual(made.amount, 5)
        self.assertEqual(self._amounts(self.node_sales, self._reserve(self.node_team), month=3), [5, -5])
        with self.assertRaisesSaying(UserError, "exists already"):
            self.env['sales.quota.cell'].create({
                'node_id': self.node_sales.id, 'metric_id': self.metric.id, 'month': '2031-03-01', 'amount': 6})
        for vals in ({'month': '2031-02-01'}, {'node_id': self.root.id}, {'proposed': 3}, {'amount': 1, 'has_proposal': True}):
            with self.assertRaises(UserError):
                cell.write(vals)
        with self.assertRaises(UserError):
            cell.unlink()
        self.assertExact(self.plan)
