from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..internal import grant
from ..models.channel.const import SELLER_GUARD, SELLER_ORDER_GUARD
from ..models.seller.score import get_level, wilson_lower
from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerScore(ChannelCommon):
    """Rates of a seller, how sure they are, and what follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.seller_1
        cls.seller.user_id = cls.user_sm_channel
        cls.Score = cls.env['sales.seller.score']

    def _create_orders(self, count, **values):
        """Return seller orders of ten days ago, promised and shipped on the day after unless said otherwise."""
        start = fields.Datetime.now() - timedelta(days=10)
        orders = self.env['sale.order'].create([{'partner_id': self.buyer.id}] * count)
        sellers_orders = grant(self.env['sales.seller.order'], SELLER_ORDER_GUARD).create([{
            'sale_order_id': order.id, 'seller_id': self.seller.id, 'date_order': start,
            'date_promised': start.date() + timedelta(days=1), 'date_accepted': start + timedelta(hours=1),
            'date_shipped': start + timedelta(days=1), 'state': 'shipped', **values} for order in orders])
        sellers_orders.flush_recordset()
        self.env.cr.execute(
            "UPDATE sales_seller_order SET is_seller_fulfilled = TRUE WHERE id IN %s", [tuple(sellers_orders.ids)])
        sellers_orders.invalidate_recordset()
        return sellers_orders

    def _late(self):
        return {'date_shipped': fields.Datetime.now() - timedelta(days=5)}

    def test_interval_by_hand(self):
        # p = 0.2, n = 5, z² = 3.8415: (0.58415 - 1.959964 · √(0.032 + 0.038415)) / 1.76829 = 0.06406 / 1.76829 = 0.0362
        self.assertAlmostEqual(wilson_lower(1, 5), 3.62, places=2)
        # p = 0.2, n = 100: (0.219207 - 1.959964 · √0.001696036) / 1.038415 = 0.13849 / 1.038415 = 0.1334
        self.assertAlmostEqual(wilson_lower(20, 100), 13.34, places=2)
        # p = 1: n / (n + z²) = 3 / 6.8415
        self.assertAlmostEqual(wilson_lower(3, 3), 43.85, places=2)
        self.assertEqual((wilson_lower(0, 9), wilson_lower(0, 0)), (0.0, 0.0))

    def test_levels(self):
        self.assertEqual(
            [get_level([(bound, 4.0)]) for bound in (0, 4.0, 4.01, 6.0, 6.01, 8.0, 8.01)],
            ['ok', 'ok', 'watch', 'watch', 'limit', 'limit', 'suspend'])
        self.assertEqual(get_level([(99.0, 0.0), (1.0, 4.0)]), 'ok')  # 0 is not checked

    def test_few_orders_suspend_nobody(self):
        self._create_orders(4)
        self._create_orders(1, **self._late())
        score = self.Score._refresh(self.seller)
        self.assertRecordValues(score, [{
            'orders': 5, 'due': 5, 'late': 1, 'late_rate': 20.0, 'late_bound': 3.62, 'level': 'ok', 'trend': False,
            'month': self.today.replace(day=1), 'date_from': self.today - timedelta(days=60)}])
        self.assertEqual(self.seller.score_level, 'ok')
        Seller = self.env['sales.seller']
        self.assertIn(self.seller, Seller.search([('score_level', '=', 'ok')]))
        self.assertNotIn(self.seller, Seller.search([('score_level', 'in', ['limit', 'suspend'])]))
        self.assertIn(self.seller_2, Seller.search([('score_level', '=', False)]))

    def test_many_orders_do(self):
        self._create_orders(24)
        self._create_orders(6, **self._late())
        self.seller.offer_auto_approve = True
        # 6 of 30 late: p = 0.2: (0.264025 - 1.959964 · √(0.005333 + 0.001067)) / 1.128051 = 0.09505
        score = self.Score._refresh(self.seller)
        self.assertRecordValues(score, [{'late_bound': 9.51, 'level': 'suspend'}])
        self.assertEqual(self.seller.state, 'active', "the system proposes, a person decides")
        self.assertTrue(self.seller._is_limited())
        signal = self.env['sales.signal'].search([('res_model', '=', 'sales.seller.score'), ('res_id', '=', score.id)])
        self.assertRecordValues(signal, [{
            'state': 'open', 'severity': 'critical', 'user_id': self.user_sm_channel.id}])
        self.assertIn("Late (%) 20.00, at least 9.51, allowed 4.00", signal.name)
        self.assertEqual(len(score.activity_ids), 1)
        self.Score._refresh(self.seller)
        self.assertEqual(len(score.activity_ids), 1, "told once")
        self.assertEqual(self.Score.search_count([('seller_id', '=', self.seller.id)]), 1)
        self.assertEqual(score.with_user(self.user_sm_channel).action_suspend_seller()['res_model'], 'sales.seller.reason')
        # what the company allows more of is in order again
        self.company.score_late_percent = 10.0
        self.Score._refresh(self.seller)
        self.assertEqual((score.level, signal.state), ('ok', 'expired'))

    def test_what_counts(self):
        start = fields.Datetime.now() - timedelta(days=10)
        not_shipped = {'date_shipped': False}
        self._create_orders(1, **not_shipped, state='accepted')  # late: promised nine days ago
        self._create_orders(1, **not_shipped, state='cancelled', cancelled_by='seller', date_cancelled=start)
        self._create_orders(1, **not_shipped, state='cancelled', cancelled_by='company', date_cancelled=start)  # not his
        self._create_orders(1, **not_shipped, state='new', date_accepted=False, date_promised=self.today)  # not answered
        self._create_orders(1, date_accepted=start + timedelta(hours=50))  # answered after 48 hours
        self._create_orders(1, date_order=fields.Datetime.now() - timedelta(days=61))  # too old
        self._create_orders(1, date_order=datetime.combine(self.today, datetime.min.time()))  # today
        score = self.Score._refresh(self.seller)
        self.assertRecordValues(score, [{
            'orders': 4, 'due': 2, 'late': 1, 'cancelled': 1, 'shipped': 1, 'returned': 0, 'asked': 3, 'unanswered': 2}])

    def test_trend(self):
        former = grant(self.Score, SELLER_GUARD).create({
            'seller_id': self.seller.id, 'month': fields.Date.subtract(self.today.replace(day=1), months=1), 'late_rate': 40.0})
        self._create_orders(4)
        self._create_orders(1, **self._late())
        score = self.Score._refresh(self.seller)
        self.assertEqual(score.trend, 'better')  # (20 - 40) / 4 = -5
        self.assertFalse(former.trend)

    def test_appeal(self):
        self._create_orders(10, **self._late())
        score = self.Score._refresh(self.seller)
        with self.assertRaisesSaying(UserError, "Enter the reason"):
            score._file_appeal("")
        score._file_appeal("A strike of the carrier")
        with self.assertRaisesSaying(UserError, "an appeal for this month already"):
            score._file_appeal("Again")
        with self.assertRaises(AccessError):
            score.with_user(self.user_sm_sales).action_accept_appeal("Fine")
        score.with_user(self.user_sm_channel).action_accept_appeal("We saw the strike")
        self.assertRecordValues(score, [{'appeal_state': 'accepted', 'appeal_answer': "We saw the strike"}])
        self.assertEqual(self.seller.score_level, 'ok')
        self.Score._refresh(self.seller)
        self.assertFalse(self.env['sales.signal'].search([
            ('res_model', '=', 'sales.seller.score'), ('res_id', '=', score.id), ('state', '=', 'open')]))

    def test_nobody_types_a_score(self):
        score = self.Score._refresh(self.seller)
        for user in (self.user_sm_channel, self.user_sm_director, self.user_sm_manager):
            with self.assertRaises(AccessError):
                score.with_user(user).write({'level': 'ok'})
        with self.assertRaises(AccessError):
            self.Score.create({'seller_id': self.seller_2.id, 'month': self.today})
        with self.assertRaises(AccessError):
            score.with_user(self.user_sm_portal).read(['level'])

    def test_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_seller_score').method_direct_trigger()
        self.assertEqual(
            self.Score.search([('seller_id', 'in', (self.seller_1 | self.seller_2).ids)]).seller_id,
            self.seller_1 | self.seller_2)
