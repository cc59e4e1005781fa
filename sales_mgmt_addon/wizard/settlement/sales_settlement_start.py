from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...models.settlement.const import OFFICER


class SalesSettlementStart(models.TransientModel):
    """Make statements until a day of the officer's choice, outside the cycles of the sellers."""

    _name = 'sales.settlement.start'
    _description = "Make Statements"

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, default=lambda self: self.env.company)
    date_to = fields.Date(
        string="Cut-off", required=True, default=lambda self: fields.Date.context_today(self) - timedelta(days=1),
        help="Last day of the statements.")
    seller_ids = fields.Many2many(
        comodel_name='sales.seller', string="Sellers", domain="[('company_id', '=', company_id)]",
        help="Empty: all sellers who have something to settle.")

    def action_collect(self):
        """Make the drafts and show them.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if there is nothing to settle or the day lies ahead
        :return: window action
        """
        self.ensure_one()
        self.check_access('write')
        if not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Only a settlement officer can make statements."))
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Switch to the company whose sellers you settle with."))
        sellers = self.seller_ids
        sellers.check_access('read')
        if not sellers:
            groups = self.env['sales.seller.ledger'].sudo()._read_group(
                [('company_id', '=', self.company_id.id), ('settlement_id', '=', False), ('available_date', '<=', self.date_to)],
                ['seller_id'])
            sellers = self.env['sales.seller'].sudo().union(*(seller for [seller] in groups))
        elif sellers.company_id != self.company_id:
            raise UserError(self.env._("Choose sellers of %(company)s only.", company=self.company_id.name))
        drafts = self.env['sales.settlement'].with_company(self.company_id)._collect(sellers, self.date_to)
        if not (drafts := drafts.filtered('entry_count')):
            raise UserError(self.env._("There is nothing to settle until this day."))
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_settlement_action')
        action.update({'domain': [('id', 'in', drafts.ids)], 'context': {}})
        return action
