from odoo import api, fields, models

from ...models.credit.amounts import check_amounts


class SalesReceivableRecover(models.TransientModel):
    """Book money that came in for a written-off item, new or from a receipt that pays for nothing yet."""

    _name = 'sales.receivable.recover'
    _description = "Book a Recovery"

    write_off_id = fields.Many2one(
        comodel_name='sales.receivable.write.off', string="Write-Off", required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='write_off_id.company_id')
    partner_id = fields.Many2one(related='write_off_id.partner_id')
    currency_id = fields.Many2one(related='write_off_id.currency_id')
    left_amount = fields.Monetary(string="Still Lost", compute='_compute_left_amount')
    source = fields.Selection(
        selection=[('new', "Money that is not in the books yet"), ('receipt', "Unapplied receipt of the customer")],
        string="Comes From", required=True, default='new')
    journal_id = fields.Many2one(
        comodel_name='account.journal', string="Bank or Cash",
        domain="[('type', 'in', ('bank', 'cash', 'credit')), ('company_id', '=', company_id)]")
    receipt_id = fields.Many2one(
        comodel_name='account.move.line', string="Receipt",
        domain="[('partner_id', 'child_of', partner_id), ('company_id', '=', company_id), ('parent_state', '=', 'posted'),"
               " ('account_id.account_type', '=', 'asset_receivable'), ('amount_residual', '<', 0)]")
    amount = fields.Monetary(
        string="Amount", compute='_compute_amount', store=True, readonly=False, required=True, precompute=True,
        help="In company currency.")
    date = fields.Date(string="Date", required=True, default=fields.Date.context_today)

    @api.depends('write_off_id')
    def _compute_left_amount(self):
        for wizard in self:
            wizard.left_amount = wizard.write_off_id.amount_total - wizard.write_off_id.recovered_amount

    @api.depends('receipt_id', 'source', 'write_off_id')
    def _compute_amount(self):
        self._check_write_off()
        for wizard in self:
            amount = wizard.write_off_id.amount_total - wizard.write_off_id.recovered_amount
            if wizard.source == 'receipt' and wizard.receipt_id:
                amount = min(amount, -wizard.receipt_id.amount_residual)
            wizard.amount = amount

    @api.constrains('write_off_id')
    def _check_write_off(self):
        """A client may name any write-off."""
        self.write_off_id.sudo(False).check_access('read')

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, ('amount',))
        return super().create(vals_list)

    def action_book(self):
        """Book the recovery, as accounting staff.

        :raise AccessError, UserError: as of :meth:`SalesReceivableWriteOff._recover`
        :return: action that closes the form
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('write')
        use_receipt = self.source == 'receipt'
        self.write_off_id._recover(
            self.amount, self.date, journal=None if use_receipt else self.journal_id,
            receipt=self.receipt_id if use_receipt else None)
        return {'type': 'ir.actions.act_window_close'}
