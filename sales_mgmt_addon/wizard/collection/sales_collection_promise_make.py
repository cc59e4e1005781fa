from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesCollectionPromiseMake(models.TransientModel):
    """Take a promise: which items, how much, until when."""

    _name = 'sales.collection.promise.make'
    _description = "Take a Promise"

    case_id = fields.Many2one(
        comodel_name='sales.collection.case', string="Case", required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(related='case_id.partner_id')
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_total')
    line_ids = fields.One2many(
        comodel_name='sales.collection.promise.make.line', inverse_name='wizard_id', string="Items",
        compute='_compute_line_ids', store=True, readonly=False)
    total = fields.Monetary(string="Open of These Items", compute='_compute_total')
    amount = fields.Monetary(
        string="Promised Amount", compute='_compute_amount', store=True, readonly=False)
    date = fields.Date(
        string="To Be Paid Until", required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7))
    note = fields.Text(string="Note")

    @api.constrains('case_id')
    def _check_case(self):
        """A client may name any case."""
        self.case_id.sudo(False).check_access('read')

    # === COMPUTE METHODS === #

    @api.depends('case_id')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [fields.Command.clear()] + [
                fields.Command.create({
                    **{name: value for name, value in item.items() if name in wizard.line_ids._fields},
                    'selected': item['days_overdue'] > 0,
                }) for item in (wizard.case_id.sudo(False)._get_open_items() if wizard.case_id else [])
                if item['residual'] > 0 and not item['is_disputed'] and not item['is_promised']
            ]

    @api.depends('line_ids.selected')
    def _compute_total(self):
        for wizard in self:
            chosen = wizard.line_ids.filtered('selected')
            company_currency = wizard.case_id.currency_id or self.env.company.currency_id
            wizard.currency_id = chosen.currency_id if len(chosen.currency_id) == 1 else company_currency
            own = wizard.currency_id != company_currency
            wizard.total = sum(chosen.mapped('residual_currency' if own else 'residual'))

    @api.depends('line_ids.selected')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.total

    # === ACTION METHODS === #

    def action_make(self):
        """Take the promise, see `sales.collection.promise`.

        :return: action that closes the dialog
        :raise AccessError: unless the user works the case
        :raise UserError: without items, or for values that make no sense
        """
        self.ensure_one()
        self.case_id._check_may_work()
        chosen = self.line_ids.filtered('selected')
        if not chosen:
            raise UserError(self.env._("Choose the items that the customer promised to pay."))
        lines = self.env['account.move.line'].browse(chosen.mapped('item_id'))
        self.env['sales.collection.promise']._make(
            lines.exists(), self.amount, self.date, case=self.case_id, note=self.note)
        return {'type': 'ir.actions.act_window_close'}
