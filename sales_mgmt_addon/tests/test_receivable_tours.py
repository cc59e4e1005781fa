"""The ageing page, walked in a real browser."""

from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableTours(ReceivableCommon, HttpCase):
    """The same items as in the tests of the figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.user_sm_controller | cls.user_sm_sales
        people.tour_enabled = False
        for user in people:
            user.password = user.login
            user.tz = 'UTC'
        cls.third = cls._create_partner("Aardvark", email=False, user_id=cls.user_sm_sales.id)
        for partner, amount, days in (
            (cls.customer, 100.0, -5), (cls.customer, 200.0, 10), (cls.customer, 400.0, 100),
            (cls.third, 30.0, 40), (cls.other, 1000.0, 70),
        ):
            due = cls.today - timedelta(days=days)
            cls._direct_invoice(cls, amount, partner=partner, due=due, invoice_date=min(due, cls.today))
        cls._receipt(cls, 50.0, partner=cls.customer)

    def test_controller(self):
        self.start_tour('/odoo/ageing', 'sales_mgmt_receivable_ageing', login='sm_controller')

    def test_salesperson(self):
        self.start_tour('/odoo/ageing', 'sales_mgmt_receivable_own', login='sm_sales')
        dispute = self.env['sales.receivable.dispute'].search([('partner_id', '=', self.customer.id)])
        self.assertRecordValues(dispute, [{'reason': 'quality', 'amount': 400.0, 'user_id': self.user_sm_sales.id}])
