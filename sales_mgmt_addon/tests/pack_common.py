from datetime import timedelta

from odoo.fields import Command

from ..internal import grant
from ..models.collection.const import PROMISE_GUARD
from .receivable_common import ReceivableCommon


class PackCommon(ReceivableCommon):
    """Two month ends and items of a team that move between them; all amounts in company currency.

    ======== ============ ====== ============================================ ===========
    item     due          amount what happens between the month ends          movement
    ======== ============ ====== ============================================ ===========
    paid     1st − 10 d   1,000  paid in full                                 paid
    partly   1st − 10 d     500  200 paid                                     partly
    slipped  1st − 5 d      400  nothing                                      slipped
    old      1st − 100 d    600  nothing                                      unchanged
    disputed 1st − 3 d      700  a dispute is opened                          disputed
    other    1st − 2 d      250  nothing; of the other salesperson            slipped
    new      1st + 10 d     800  falls due                                    new
    later    2nd + 10 d     900  not due at either month end                  –
    ======== ============ ====== ============================================ ===========

    A receipt of 100 before the first month end pays for nothing.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.today.replace(day=1) - timedelta(days=1)
        cls.first = cls.second.replace(day=1) - timedelta(days=1)
        cls.Pack = cls.env['sales.receivable.pack']
        # What the database holds already would be in packs of the whole company only
        cls.items = {
            'paid': cls._claim(1000, cls.first, -10),
            'partly': cls._claim(500, cls.first, -10),
            'slipped': cls._claim(400, cls.first, -5),
            'old': cls._claim(600, cls.first, -100),
            'disputed': cls._claim(700, cls.first, -3),
            'other': cls._claim(250, cls.first, -2, partner=cls.other),
            'new': cls._claim(800, cls.first, 10),
            'later': cls._claim(900, cls.second, 10),
        }

    @classmethod
    def _claim(cls, amount, month_end, days, partner=None, company=None, **values):
        """Return a posted invoice, due so many days after a month end and dated a month before that."""
        due = month_end + timedelta(days=days)
        invoice = cls.env['account.move'].with_company(company or cls.company).create({
            'move_type': 'out_invoice',
            'partner_id': (partner or cls.customer).id,
            'invoice_date': due - timedelta(days=30),
            'invoice_date_due': due,
            'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})],
            **values,
        })
        invoice.action_post()
        return invoice

    @classmethod
    def _unmatched_receipt(cls, amount, day):
        payment = cls.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': cls.customer.id, 'amount': amount,
            'date': day,
        })
        payment.action_post()
        return payment

    def _move_on(self):
        """Let happen what the table says."""
        self._unmatched_receipt(100, self.first - timedelta(days=1))
        self._pay_on(self.items['paid'], self.first + timedelta(days=5))
        self._pay_on(self.items['partly'], self.first + timedelta(days=6), amount=200)
        self._dispute(self.items['disputed'], self.first + timedelta(days=7))

    def _dispute(self, invoice, day):
        dispute = self.env['sales.receivable.dispute']._open(self._receivable(invoice), 'quality')
        self.env.flush_all()
        self.env.cr.execute("UPDATE sales_receivable_dispute SET opened_on = %s WHERE id = %s", [day, dispute.id])
        dispute.invalidate_recordset()
        return dispute

    @classmethod
    def _promise(cls, invoice, made_on, day, state='open', user=None, **values):
        line = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        promise = grant(cls.env['sales.collection.promise'].sudo(), PROMISE_GUARD).create({
            'partner_id': invoice.commercial_partner_id.id, 'company_id': invoice.company_id.root_id.id,
            'currency_id': invoice.currency_id.id, 'amount': invoice.amount_total, 'made_on': made_on, 'date': day,
            'user_id': (user or cls.user_sm_sales).id, 'team_id': cls.team.id, 'line_ids': [
                (0, 0, {'line_id': line.id, 'residual': line.amount_residual_currency})],
        })
        if state != 'open':
            kept = promise.amount if state == 'kept' else 0.0
            promise.write({'state': state, 'judged_on': day, 'due_company': promise.amount, 'kept_company': kept, **values})
        return promise

    def _freeze(self, day, team=None, user=None, **values):
        pack = self.Pack.with_user(user or self.user_sm_leader).create({
            'team_id': (self.team if team is None else team).id, 'date': day, **values})
        pack.action_freeze()
        return pack

    def _line(self, pack, key):
        return pack.line_ids.filtered(lambda line: line.move_id == self.items[key])

    def _comment_all(self, pack, reason='liquidity'):
        grant(pack.sudo().line_ids.filtered('needs_comment'), 'receivable.pack.line').write({'reason_code': reason})
