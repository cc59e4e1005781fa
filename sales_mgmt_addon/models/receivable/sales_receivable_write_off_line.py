from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant, granted
from ...server_fields import without_defaults
from ..credit.amounts import check_amounts
from .sales_receivable_write_off import GUARD

SERVER_FIELDS = frozenset({
    'move_name', 'date_due', 'currency_id', 'residual', 'residual_company', 'amount_company', 'days_overdue'})


class SalesReceivableWriteOffLine(models.Model):
    """An item that is to be given up, all of it or a part."""

    _name = 'sales.receivable.write.off.line'
    _description = "Written-Off Item"
    _order = 'write_off_id, date_due, id'

    write_off_id = fields.Many2one(
        comodel_name='sales.receivable.write.off', string="Write-Off", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='write_off_id.company_id', store=True, index=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    # The journal item may be deleted one day; what was decided stays
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", index='btree_not_null', ondelete='set null')
    move_name = fields.Char(string="Document", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(string="Days Overdue", compute='_compute_days_overdue')
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", readonly=True)
    residual = fields.Monetary(string="Open Amount", readonly=True, help="In the currency of the item.")
    residual_company = fields.Monetary(
        string="Open, Company Currency", currency_field='company_currency_id', readonly=True)
    amount = fields.Monetary(string="To Write Off", help="In the currency of the item.")
    amount_company = fields.Monetary(
        string="To Write Off, Company Currency", currency_field='company_currency_id', compute='_compute_amount_company',
        store=True, help="At the rate at which the item stands in the books.")

    _line_unique = models.UniqueIndex(
        "(write_off_id, line_id) WHERE line_id IS NOT NULL", "An item is in a write-off once.")

    #=== COMPUTE METHODS ===#

    @api.depends('date_due')
    def _compute_days_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.days_overdue = (today - line.date_due).days if line.date_due else 0

    @api.depends('amount', 'residual', 'residual_company')
    def _compute_amount_company(self):
        for line in self:
            if line.currency_id and line.currency_id.compare_amounts(line.amount, line.residual) == 0:
                line.amount_company = line.residual_company
            else:
                part = line.residual_company * line.amount / line.residual if line.residual else 0.0
                line.amount_company = line.company_currency_id.round(part) if line.company_currency_id else part

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, ('amount',))
            if not granted(self, GUARD) and SERVER_FIELDS & vals.keys():
                raise AccessError(self.env._("Only the item and the amount to write off are entered."))
        lines = super(SalesReceivableWriteOffLine, without_defaults(self, SERVER_FIELDS, GUARD)).create(
            vals_list).with_env(self.env)
        lines.write_off_id._check_draft()
        lines.sudo()._refresh()
        for line in lines.sudo().filtered(lambda line: not line.amount):
            line.amount = line.residual
        lines.sudo()._check_amounts()
        return lines

    def write(self, vals):
        check_amounts(self, vals, ('amount',))
        if not granted(self, GUARD):
            if vals.keys() - {'amount'}:
                raise AccessError(self.env._("Only the amount of an item can be changed. Remove it and add another one."))
            self.write_off_id._check_draft()
        res = super().write(vals)
        if 'amount' in vals and not granted(self, GUARD):
            self.sudo()._check_amounts()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self.write_off_id._check_draft()

    #=== BUSINESS METHODS ===#

    def _refresh(self):
        """Take over what is open of the items now. In sudo mode, after the check as user.

        :raise UserError: if an item is no claim of the customer in the company, or is settled
        """
        for line in self:
            item = line.line_id
            if not line._is_claim(item):
                raise UserError(self.env._(
                    "%(document)s is no open claim against %(customer)s in %(company)s (any more).",
                    document=line.move_name or self.env._("An item"), customer=line.write_off_id.partner_id.display_name,
                    company=line.company_id.name))
            grant(line, GUARD).write({
                'move_name': item.move_id.name,
                'date_due': item.date_maturity or item.date,
                'currency_id': item.currency_id.id,
                'residual': item.amount_residual_currency,
                'residual_company': item.amount_residual,
            })

    def _is_claim(self, item):
        """Tell whether a journal item is an open claim that the write-off may be about. Note: self.ensure_one()"""
        self.ensure_one()
        item = item.exists()
        return bool(
            item and item.parent_state == 'posted' and item.account_id.account_type == 'asset_receivable'
            and not item.account_id.non_trade
            and item.partner_id.commercial_partner_id == self.write_off_id.partner_id
            and item.company_id == self.write_off_id.company_id
            and item.currency_id.compare_amounts(item.amount_residual_currency, 0.0) > 0)

    def _check_amounts(self):
        """Refuse amounts of nothing, or beyond what is open.

        :raise UserError: with the document
        """
        for line in self:
            compare = line.currency_id.compare_amounts
            if compare(line.amount, 0.0) <= 0 or compare(line.amount, line.residual) > 0:
                raise UserError(self.env._(
                    "Of %(document)s, more than nothing and at most %(residual)s can be written off.",
                    document=line.move_name, residual=line.currency_id.format(line.residual)))
