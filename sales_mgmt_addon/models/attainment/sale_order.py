from odoo import api, fields, models


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['sale.order', 'sales.credit.mixin']

    credit_split_ids = fields.One2many(
        comodel_name='sales.credit.split', inverse_name='order_id', string="Credit Split", copy=False,
        groups='sales_team.group_sale_salesman',
        help="Who gets the credit for the order. Without a split the salesperson has all of it.")

    #=== CONSTRAINT METHODS ===#

    @api.constrains('state', 'amount_untaxed', 'currency_rate')
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
        confirmed._check_attainment_rate('currency_rate')
        busy |= ids
        try:
            Entry._book_orders(sorted(ids))
        finally:
            busy -= ids

    #=== CRUD METHODS ===#

    def write(self, vals):
        leaving = self.filtered(lambda order: order.state == 'sale') if vals.get('state', 'sale') != 'sale' else self.browse()
        booked = self.browse()
        if vals.keys() & {'date_order', 'partner_id'}:
            booked = self.filtered(lambda order: order.state == 'sale') - leaving
        res = super().write(vals)
        Entry = self.env['sales.attainment.entry']
        if leaving:
            Entry._reverse('sale.order', leaving.ids)
        if booked and Entry._is_booking():
            if 'partner_id' in vals:
                Entry._follow_partner('sale.order', booked.ids)
            if 'date_order' in vals:
                Entry._book_orders(booked.ids, redate=True)
        return res

    #=== ATTAINMENT ===#

    def _attainment_is_booked(self):
        """Orders are booked themselves, and through their invoices."""
        return super()._attainment_is_booked() or self.sudo().invoice_ids._attainment_is_booked()

    def _prepare_default_share(self):
        return {'user_id': self.user_id.id, 'team_id': self.team_id.id, 'share': 100.0, 'is_overlay': False}
