from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError


class SalesSeller(models.Model):
    """Goods of sellers in our stock: they stay theirs until they are sold."""

    _inherit = 'sales.seller'

    seller_order_count = fields.Integer(string="Number of Orders", compute='_compute_seller_order_count')

    # === COMPUTE METHODS === #

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_seller_order_count(self):
        counts = dict(self.env['sales.seller.order']._read_group(
            [('seller_id', 'in', self.ids)], ['seller_id'], ['__count']))
        for seller in self:
            seller.seller_order_count = counts.get(seller._origin, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        sellers = super().create(vals_list)
        self.env.registry.clear_cache()
        return sellers

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {'partner_id', 'company_id'}:
            self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    # === ACTION METHODS === #

    def action_view_seller_orders(self):
        """Return the action that lists the seller's orders."""
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_seller_order_action')
        return {**action, 'domain': [('seller_id', 'in', self.ids)], 'context': {}}

    def action_receive_goods(self):
        """Open a receipt of goods that stay the seller's.

        :return: window action on a new receipt whose owner is the seller
        :raise AccessError: unless the user works in the warehouse
        :raise UserError: without a warehouse, or for a seller who is not active
        """
        self.ensure_one()
        if not self.env.user.has_group('stock.group_stock_user'):
            raise AccessError(self.env._("Only warehouse users receive goods."))
        self.check_access('read')
        if self.state != 'active':
            raise UserError(self.env._("%(seller)s is not active: no goods of his can be received.", seller=self.name))
        warehouse = self.env['stock.warehouse'].search([('company_id', '=', self.company_id.id)], limit=1)
        if not warehouse:
            raise UserError(self.env._("%(company)s has no warehouse to receive goods in.", company=self.company_id.name))
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Receive Goods of %(seller)s", seller=self.name),
            'res_model': 'stock.picking',
            'views': [(False, 'form')],
            'context': {
                'default_picking_type_id': warehouse.in_type_id.id,
                'default_partner_id': self.partner_id.id,
                'default_owner_id': self.partner_id.id,
                'default_company_id': self.company_id.id,
                'restricted_picking_type_code': 'incoming',
            },
        }

    def action_view_goods(self):
        """Open the goods of the seller that lie in our stock.

        :return: window action on the quantities per location
        :raise AccessError: unless the user works in the warehouse
        """
        self.ensure_one()
        if not self.env.user.has_group('stock.group_stock_user'):
            raise AccessError(self.env._("Only warehouse users see the stock."))
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Goods of %(seller)s", seller=self.name),
            'res_model': 'stock.quant',
            'views': [(self.env.ref('stock.view_stock_quant_tree_editable').id, 'list')],
            'domain': [
                ('owner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id),
                ('location_id.usage', 'in', ('internal', 'transit'))],
            'context': {'create': False},
        }

    # === BUSINESS METHODS === #

    @api.model
    @tools.ormcache('company_id')
    def _get_owner_ids(self, company_id):
        """Return the partners whose goods are never taken for other orders: all sellers of a company.

        :param int company_id: id of the company
        :rtype: frozenset[int]
        """
        sellers = self.sudo().with_context(active_test=False)
        return frozenset(sellers.search_fetch([('company_id', '=', company_id)], ['partner_id']).partner_id.ids)

    def _get_close_obstacles(self):
        """Override to keep a seller whose goods lie in our stock."""
        obstacles = super()._get_close_obstacles()
        goods = self.env['stock.quant'].sudo().search([
            ('owner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('quantity', '>', 0),
            ('location_id.usage', 'in', ('internal', 'transit'))], limit=5).product_id
        if goods:
            obstacles.append(self.env._("- his goods are in our stock: %s", ", ".join(goods.mapped('display_name'))))
        return obstacles
