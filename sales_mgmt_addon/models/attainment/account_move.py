from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .source_invoice import MOVE_TYPES


class AccountMove(models.Model):
    _name = 'account.move'
    _inherit = ['account.move', 'sales.credit.mixin']

    credit_split_ids = fields.One2many(
        comodel_name='sales.credit.split', inverse_name='move_id', string="Credit Split", copy=False,
        groups='sales_team.group_sale_salesman',
        help="Who gets the credit for the invoice. Without a split the lines follow their orders, and lines without"
             " an order count for the salesperson of the invoice.")

    #=== CRUD METHODS ===#

    def write(self, vals):
        """Override to book what is posted and take back what is posted no more, whatever the route."""
        if not vals.keys() & {'state', 'invoice_date', 'date', 'partner_id'}:
            return super().write(vals)
        before = self.filtered(lambda move: move.state == 'posted')
        customers = before._get_attainment_customers() if 'partner_id' in vals else set()
        res = super().write(vals)
        after = self.filtered(lambda move: move.state == 'posted')
        if (left := before - after):
            left._attainment_after_unposting()
        if customers:
            (before & after)._attainment_after_new_partner(customers)
        # a posted invoice whose date changes moves to the other day
        changed = after - before if 'state' in vals else after.filtered(lambda move: move.move_type in MOVE_TYPES)
        if changed:
            changed._attainment_after_posting()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_attainment(self):
        if posted := self.filtered(lambda move: move.state == 'posted' and move.move_type in MOVE_TYPES):
            posted._attainment_after_unposting()

    #=== ACTION METHODS ===#

    def action_propose_split(self):
        """Override: the credit of an invoice that comes from an order is shared anew at the order.

        :raise ValidationError: if the invoice comes from several orders
        """
        self.ensure_one()
        self.check_access('read')
        orders = self._get_credit_orders()
        if len(orders) > 1:
            self._check_own_split()
        return orders.with_env(self.env).action_propose_split() if orders else super().action_propose_split()

    #=== ATTAINMENT ===#

    def _attainment_after_posting(self):
        """Book posted customer invoices, and the cash that was matched while an entry was still a draft."""
        Entry = self.env['sales.attainment.entry']
        if not Entry._is_booking():
            return
        moves = self.sudo()
        invoices = moves.filtered(lambda move: move.move_type in MOVE_TYPES)
        if invoices:
            invoices._check_attainment_rate('invoice_currency_rate')
            Entry._book_invoices(invoices.ids)
            Entry._book_customers(invoices)
        moves._attainment_partials()._attainment_book()

    def _attainment_after_unposting(self):
        """Take back what is booked for invoices that are not posted any more, and the cash of such entries."""
        Entry = self.env['sales.attainment.entry']
        moves = self.sudo()
        invoices = moves.filtered(lambda move: move.move_type in MOVE_TYPES)
        if invoices:
            Entry._reverse('account.move', invoices.ids)
            Entry._book_customers(invoices)
        if partials := moves._attainment_partials():
            Entry._reverse(
                'account.move', partials._attainment_invoices().ids, line_ids=partials.ids, codes=['collected'])
            partials._attainment_book()

    def _attainment_after_new_partner(self, customers):
        """Book posted invoices on their new customer, whoever becomes or ceases to be one by that.

        :param set customers: pairs of company and customer before
        """
        Entry = self.env['sales.attainment.entry']
        if not Entry._is_booking():
            return
        Entry._follow_partner('account.move', self.ids)
        Entry._book_customer_pairs(*zip(*sorted(customers | self._get_attainment_customers()), strict=True))

    def _get_attainment_customers(self):
        """Return the ids of company and commercial partner of the customer invoices among these moves."""
        return {
            (move.company_id.id, move.commercial_partner_id.id) for move in self.sudo()
            if move.move_type in MOVE_TYPES and move.commercial_partner_id
        }

    def _attainment_partials(self):
        """Return the matchings of these moves that touch a customer invoice."""
        partials = self.line_ids.matched_debit_ids | self.line_ids.matched_credit_ids
        return partials.filtered(lambda partial: partial._attainment_invoices())

    def _check_own_split(self):
        """Check that these invoices do not follow an order with their credit.

        :raise ValidationError: if one does
        """
        for move in self:
            if order := move._get_credit_orders()[:1]:
                raise ValidationError(self.env._(
                    "%(invoice)s comes from the order %(order)s and shares its credit as the order does. Change the"
                    " split of the order.", invoice=move.display_name, order=order.name))

    def _get_credit_orders(self):
        """Return the orders whose split the lines follow."""
        return self.sudo().invoice_line_ids.sale_line_ids.order_id

    def _prepare_default_share(self):
        return {'user_id': self.invoice_user_id.id, 'team_id': self.team_id.id, 'share': 100.0, 'is_overlay': False}
