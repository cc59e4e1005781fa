from odoo import api, fields, models

from ...models.receivable.sales_receivable_dispute import DAYS_TO_SETTLE, REASONS


class SalesReceivableDisputeOpen(models.TransientModel):
    """Asks what a customer contests about an open item."""

    _name = 'sales.receivable.dispute.open'
    _description = "Open a Dispute"

    item_id = fields.Many2one(
        comodel_name='sales.receivable.report', string="Item", required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", compute='_compute_item')
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_item')
    residual = fields.Monetary(string="Open Amount", compute='_compute_item')
    amount = fields.Monetary(
        string="Disputed Amount", compute='_compute_amount', store=True, readonly=False, precompute=True,
        help="A part of what is open, or all of it.")
    reason = fields.Selection(selection=REASONS, string="Reason", required=True)
    description = fields.Text(string="What the Customer Says")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", required=True, default=lambda self: self.env.user, ondelete='cascade',
        domain=[('share', '=', False)], help="Who settles the dispute.")
    deadline = fields.Date(
        string="To Settle Until", required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=DAYS_TO_SETTLE))

    # A client may name any item: what it is about is told to those who see it only, whatever the mode
    @api.depends('item_id')
    def _compute_item(self):
        for wizard in self:
            item = wizard.item_id.sudo(False)._get_visible()
            wizard.update({
                'partner_id': item.partner_id, 'currency_id': item.currency_id, 'residual': item.residual_currency})

    @api.depends('item_id')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.item_id.sudo(False)._get_visible().residual_currency

    def action_open(self):
        """Open the dispute.

        :return: window action of the dispute
        :raise AccessError: if the user may not see the item
        :raise UserError: see :meth:`sales.receivable.dispute._open`
        """
        self.ensure_one()
        self.check_access('read')
        dispute = self.env['sales.receivable.dispute']._open(
            self.env['account.move.line'].browse(self.item_id.id), self.reason, self.description, self.user_id,
            self.deadline, self.amount)
        if not dispute.has_access('read'):
            return {'type': 'ir.actions.act_window_close'}
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sales.receivable.dispute',
            'res_id': dispute.id,
            'views': [(False, 'form')],
        }
