from odoo import api, models
from odoo.exceptions import UserError

PRICE_FIELDS = ('property_product_pricelist', 'specific_property_product_pricelist', 'property_payment_term_id')
KEEPERS = (
    'sales_team.group_sale_manager', 'account.group_account_invoice', 'sales_mgmt_addon.group_credit_controller')


class ResPartner(models.Model):
    _inherit = 'res.partner'

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        """The commercial partner is derived; written by a client it would move debts to another customer."""
        if operation == 'write' and field.name == 'commercial_partner_id' and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if given := {name: vals[name] for name in PRICE_FIELDS if vals.get(name)}:
                # A form sends back the defaults that it was given: those are nobody's decision.
                usual = self.new({'country_id': vals.get('country_id')})
                if usual._gate_changes_prices(given):
                    self._gate_check_price_fields()
        return super().create(vals_list)

    def write(self, vals):
        if self._gate_changes_prices(vals):
            self._gate_check_price_fields()
        before = {}
        if {'parent_id', 'is_company'} & vals.keys() and self._gate_is_guarded():
            family = self.sudo().with_context(active_test=False).search([('id', 'child_of', self.ids)])
            before = {partner: partner.commercial_partner_id for partner in family}
        res = super().write(vals)
        moved = self.browse([p.id for p, commercial in before.items() if p.commercial_partner_id != commercial])
        if moved:
            moved._gate_check_open_documents()
        return res

    #=== GATE ===#

    def _gate_is_guarded(self):
        return (
            not self.env.su
            and self.env['sale.order']._gate_is_active()
            and not any(self.env.user.has_group(group) for group in KEEPERS)
        )

    def _gate_changes_prices(self, vals):
        return any(
            (partner[name].id or False) != (vals[name] or False)
            for name in PRICE_FIELDS if name in vals
            for partner in self
        )

    def _gate_check_price_fields(self):
        """A customer's own prices and terms are what discounts are measured against.

        :raise UserError: unless the user is a sales administrator, accountant or credit controller
        """
        if self._gate_is_guarded():
            raise UserError(self.env._(
                "Pricelist and payment terms of a customer are agreed by a sales administrator or by accounting. "
                "Ask one of them, or ask for a discount on the order."))

    def _gate_check_open_documents(self):
        """A contact takes its debts along to another commercial partner, and out of his limit.

        :raise UserError: if one of the contacts has open orders or receivables
        """
        has_orders = self.env['sale.order'].sudo().search_count([
            ('partner_invoice_id', 'in', self.ids), ('state', '=', 'sale'), ('invoice_status', '!=', 'invoiced'),
        ], limit=1)
        has_debts = self.env['account.move.line'].sudo().search_count([
            ('partner_id', 'in', self.ids), ('account_id.account_type', '=', 'asset_receivable'),
            ('parent_state', '=', 'posted'), ('reconciled', '=', False),
        ], limit=1)
        if has_orders or has_debts:
            raise UserError(self.env._(
                "%(partners)s has open orders or invoices. Only a credit controller may move it to another company.",
                partners=', '.join(self.mapped('display_name'))))


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override of `base`: merging moves debts between customers, as re-parenting does."""
        partners = self.env['res.partner'].browse(partner_ids).exists()
        if partners._gate_is_guarded() and len(partners.commercial_partner_id) > 1:
            partners._gate_check_open_documents()
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
