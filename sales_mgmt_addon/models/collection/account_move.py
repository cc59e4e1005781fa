from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = 'account.move'

    is_dunning_charge = fields.Boolean(
        string="Fees and Interest", readonly=True, copy=False,
        help="Made for dunning fees and default interest; it bears no interest itself.")
    dunning_letter_count = fields.Integer(
        string="Dunning Letters", compute='_compute_dunning_letter_count', groups='base.group_user')

    #=== COMPUTE METHODS ===#

    def _compute_dunning_letter_count(self):
        groups = self.env['sales.dunning.line'].sudo()._read_group(
            [('line_id.move_id', 'in', self.ids), ('state', '=', 'sent')], ['line_id'], ['letter_id:count_distinct'])
        self.dunning_letter_count = 0
        for line, count in groups:
            line.move_id.dunning_letter_count = max(line.move_id.dunning_letter_count, count)

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        if operation == 'write' and field.name == 'is_dunning_charge' and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        if vals.get('state') == 'draft' and any(move.is_dunning_charge and move.state == 'cancel' for move in self):
            raise UserError(self.env._(
                "The fees and the interest of a cancelled invoice may have been charged again since. "
                "Charge them from the dunning letter instead of reopening the invoice."))
        res = super().write(vals)
        if vals.get('state') == 'cancel' and (charged := self.filtered('is_dunning_charge')):
            self.env['sales.dunning.charge'].sudo().search([('move_id', 'in', charged.ids)]).unlink()
        return res

    #=== ACTION METHODS ===#

    def button_draft(self):
        """Override of `account`: what is a draft again stops no supply."""
        res = super().button_draft()
        if dunned := self._dunned():
            self.env['sales.credit.profile'].sudo()._lift_dunning_holds(dunned.commercial_partner_id)
        return res

    def _post(self, soft=True):
        """Override of `account`: a dunned invoice that is posted again stops supply as before."""
        posted = super()._post(soft=soft)
        if dunned := posted._dunned():
            self.env['sales.credit.profile'].sudo()._place_dunning_holds(dunned.commercial_partner_id)
        return posted

    def _dunned(self):
        """Return the invoices that are in a dunning letter that was sent, sudoed; none while the area is off."""
        # what was never posted needs no query
        moves = self.sudo().filtered(lambda move: move.posted_before and move.is_sale_document(include_receipts=True))
        if not moves or not self._credit_is_active():
            return moves.browse()
        return self.env['sales.dunning.line'].sudo().search(
            [('line_id.move_id', 'in', moves.ids), ('state', '=', 'sent')]).line_id.move_id

    def action_view_dunning(self):
        """Open the dunning letters that the document is in."""
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_dunning_letter_action')
        action['domain'] = [('line_ids.line_id.move_id', '=', self.id)]
        action['context'] = {}
        return action

    #=== GATE ===#

    def _credit_codes(self):
        """An invoice that was dunned itself is no new supply when it is posted again."""
        codes = super()._credit_codes()
        return tuple(code for code in codes if code != 'credit_dunning') if self._dunned() else codes

    def _gate_new_value(self):
        """Fees and interest are no supply: what is charged by dunning asks for no credit."""
        value = super()._gate_new_value()
        if not self.is_dunning_charge:
            return value
        charges = {
            charge.invoice_line_id: charge.amount
            for charge in self.env['sales.dunning.charge'].sudo().search([('move_id', '=', self.id)])}
        free = sum(
            line.price_total for line in self.sudo().invoice_line_ids
            if line in charges and self.currency_id.compare_amounts(line.price_subtotal, charges[line]) <= 0)
        rate = self.sudo().invoice_currency_rate or 1.0
        return self.company_id.currency_id.round(value - free / rate)
