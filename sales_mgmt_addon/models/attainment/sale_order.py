from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    credit_split_ids = fields.One2many(
        comodel_name='sales.credit.split', inverse_name='order_id', string="Credit Split", copy=False,
        groups='base.group_user',
        help="Who gets the credit for the order. Without a split the salesperson has all of it.")

    #=== CONSTRAINT METHODS ===#

    @api.constrains('state', 'amount_untaxed', 'currency_rate', 'date_order')
    def _check_attainment(self):
        """Confirmed orders are in the attainment book, with what they now contain.

        As a constraint it follows every route: buttons, imports, plain writes, edited and deleted
        lines. The flush may bring it up again for the same orders, which are booked afterwards anyway.
        """
        Entry = self.env['sales.attainment.entry']
        confirmed = self.filtered(lambda order: order.state == 'sale')
        if not confirmed or not Entry._is_booking():
            return
        busy = self.env.cr.cache.setdefault('attainment_busy_orders', set())
        ids = set(confirmed.ids) - busy
        if not ids:
            return
        busy |= ids
        try:
            Entry._book_orders(sorted(ids))
        finally:
            busy -= ids

    #=== CRUD METHODS ===#

    def write(self, vals):
        leaving = self.filtered(lambda order: order.state == 'sale') if vals.get('state', 'sale') != 'sale' else self.browse()
        res = super().write(vals)
        if leaving:
            self.env['sales.attainment.entry']._reverse('sale.order', leaving.ids)
        return res
