from odoo import api, fields, models
from odoo.tools import format_amount

LEDGER_GROUPS = (
    'sales_mgmt_addon.group_channel_manager,sales_mgmt_addon.group_settlement_officer,sales_mgmt_addon.group_director')


class SalesSeller(models.Model):
    """Figures and documents that the form of a seller leads to."""

    _inherit = 'sales.seller'

    offer_count = fields.Integer(string="Active Offers", compute='_compute_offer_count', compute_sudo=True)
    order_count = fields.Integer(string="Seller Orders", compute='_compute_order_count')
    settlement_count = fields.Integer(
        string="Statements", compute='_compute_settlement_count', compute_sudo=True, groups=LEDGER_GROUPS)
    ledger_balance = fields.Char(
        string="Not Settled", compute='_compute_ledger_balance', compute_sudo=True, groups=LEDGER_GROUPS,
        help="What the ledger entries that no statement has taken add up to, per currency, with the VAT on our charges.")

    # === COMPUTE METHODS === #

    @api.depends('offer_ids.state')
    def _compute_offer_count(self):
        counts = self._count('sales.seller.offer', [('state', '=', 'active')])
        for seller in self:
            seller.offer_count = counts.get(seller.id, 0)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_order_count(self):
        counts = self._count('sales.seller.order')
        for seller in self:
            seller.order_count = counts.get(seller._origin.id, 0)

    def _compute_settlement_count(self):
        counts = self._count('sales.settlement', [('state', '!=', 'cancelled')])
        for seller in self:
            seller.settlement_count = counts.get(seller._origin.id, 0)

    def _compute_ledger_balance(self):
        groups = self.env['sales.seller.ledger']._read_group(
            [('seller_id', 'in', self.ids), ('settlement_id', '=', False)], ['seller_id', 'currency_id'],
            ['amount:sum', 'tax_amount:sum'])
        for seller in self:
            amounts = [
                format_amount(self.env, amount + tax, currency)
                for owner, currency, amount, tax in groups if owner == seller._origin]
            seller.ledger_balance = " + ".join(amounts) or format_amount(self.env, 0.0, seller.currency_id)

    # === ACTION METHODS === #

    def action_open_offers(self):
        """Return the window action on the offers of the seller."""
        return self._open('sales.seller.offer', self.env._("Offers"), 'list,kanban,form')

    def action_open_orders(self):
        """Return the window action on the seller's orders that the user may see."""
        return self._open('sales.seller.order', self.env._("Seller Orders"), 'list,form')

    def action_open_settlements(self):
        """Return the window action on the statements of the seller."""
        return self._open('sales.settlement', self.env._("Statements"), 'list,form')

    def action_open_ledger(self):
        """Return the window action on the seller's ledger."""
        return self._open('sales.seller.ledger', self.env._("Ledger"), 'list,form')

    # === TOOLING === #

    def _count(self, model, domain=()):
        groups = self.env[model]._read_group([('seller_id', 'in', self.ids), *domain], ['seller_id'], ['__count'])
        return {seller.id: count for seller, count in groups}

    def _open(self, model, name, view_mode):
        self.ensure_one()
        self.check_access('read')
        self.env[model].check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': model,
            'view_mode': view_mode,
            'views': [(False, mode) for mode in view_mode.split(',')],
            'domain': [('seller_id', '=', self.id)],
            'context': {'default_seller_id': self.id},
        }
