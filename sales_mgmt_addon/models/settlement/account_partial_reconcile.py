from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...internal import granted
from ..channel.const import SETTLEMENT_GUARD


class AccountPartialReconcile(models.Model):
    """What a statement or a payout has matched is not taken apart by hand."""

    _inherit = 'account.partial.reconcile'

    def unlink(self):
        if self.ids and not granted(self, SETTLEMENT_GUARD):
            self._check_settled()
        return super().unlink()

    def _check_settled(self):
        """Refuse to undo the matching of statements in force and of payouts, found in one statement.

        :raise UserError: naming the statement or the batch
        """
        self.flush_model(['debit_move_id', 'credit_move_id'])
        for model in ('sales.seller.ledger', 'sales.settlement', 'account.payment', 'account.move', 'account.move.line'):
            self.env[model].flush_model()
        found = self.env.execute_query(SQL(
            """
            WITH item AS (
                SELECT l.id, l.move_id, l.account_id, l.company_id
                  FROM account_partial_reconcile p
                  JOIN account_move_line l ON l.id IN (p.debit_move_id, p.credit_move_id)
                 WHERE p.id = ANY(%s)
            )
            SELECT s.name FROM item i
              JOIN sales_seller_ledger r ON r.aml_id = i.id
              JOIN sales_settlement s ON s.id = r.settlement_id AND s.state IN ('posted', 'paid')
            UNION ALL
            SELECT s.name FROM item i
              JOIN sales_settlement s ON i.move_id IN (s.move_id, s.charge_move_id, s.bill_move_id)
               AND s.state IN ('posted', 'paid')
            UNION ALL
            SELECT b.name FROM item i
              JOIN account_move m ON m.id = i.move_id
              JOIN account_payment y ON y.id = m.origin_payment_id AND y.state NOT IN ('canceled', 'rejected')
              JOIN sales_payout b ON b.id = y.payout_id
              JOIN res_company c ON c.id = i.company_id AND c.marketplace_payable_account_id = i.account_id
             LIMIT 1
            """, self.ids))
        if found:
            raise UserError(self.env._(
                "These items were matched by %(document)s. Cancel it there to take them apart.", document=found[0][0]))
