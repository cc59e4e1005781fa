"""What a run proposes, what is left of it when it is sent, and what becomes of letters."""

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .dunning_common import DunningCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningRun(DunningCommon):

    def test_highest_level_reached_once(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._dun()
        self.assertEqual(letter.state, 'sent')
        self.assertEqual(letter.level_id, self.first)
        self.assertEqual(letter.partner_id, self.customer)
        self.assertEqual(letter.line_ids.mapped(lambda l: (l.name, l.days_overdue, l.residual)), [(invoice.name, 12, 100.0)])
        self.assertFalse(self._dun(), "The level was sent already")
        self._move_due(invoice, 45)
        [letter] = self._dun()
        self.assertEqual(letter.level_id, self.final, "The second level was passed over")
        self.assertFalse(self._dun())
