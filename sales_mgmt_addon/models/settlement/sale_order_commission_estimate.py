from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    commission_estimate = fields.Monetary(
        string="Our Commission (estimate)", compute='_compute_commission_estimate', compute_sudo=True,
        groups='sales_team.group_sale_salesman',
        help="What we earn on the goods that we sell for sellers, without VAT, before returns.")
    has_agent_lines = fields.Boolean(
        compute='_compute_commission_estimate', compute_sudo=True, groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends(
        'channel_id', 'order_line.seller_id', 'order_line.price_subtotal', 'order_line.product_id',
        'order_line.commission_frozen')
    def _compute_commission_estimate(self):
        lines = self.order_line._get_agent_lines()
        estimates = lines._get_commission_estimates()
        for order in self:
            theirs = order.order_line & lines
            order.has_agent_lines = bool(theirs)
            order.commission_estimate = sum(estimates.get(line.id, 0.0) for line in theirs)
