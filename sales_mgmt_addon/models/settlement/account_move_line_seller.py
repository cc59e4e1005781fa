from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from ...internal import granted
from ..channel.const import LEDGER_GUARD
from .account_move_seller import KEEP_CLEARING, LINE_FIELDS

# What makes a line dearer
PRICE_FIELDS = {'quantity', 'price_unit', 'discount', 'product_uom_id'}


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    commission_amount = fields.Monetary(
        string="Our Commission", readonly=True, copy=False, groups='base.group_user',
        help="Commission on this line, without VAT; on a credit note what is given back.")

    # === COMPUTE METHODS === #

    def _compute_account_id(self):
        """Override of `account`: what is sold as an agent is owed to the seller, it is no income of ours."""
        super()._compute_account_id()
        for line in self._get_agent_items():
            line.account_id = line.company_id._get_seller_line_account(line.promo_funding)

    def _get_computed_taxes(self):
        taxes = super()._get_computed_taxes()
        if not self.seller_id or not self.move_id.is_sale_document(include_receipts=True):
            return taxes
        if self.promo_funding == 'platform':
            return self.env['account.tax']
        if taxes and self.tax_supplier == 'seller':
            return taxes._get_on_behalf() if self.seller_id.sudo().vat_registered else self.env['account.tax']
        return taxes

    # === CONSTRAINT METHODS === #

    @api.constrains('seller_id', 'account_id', 'tax_ids', 'product_id', 'display_type', 'move_id')
    def _check_seller_line(self):
        """A seller's document holds his lines only, on the accounts and with the taxes that were agreed."""
        products = self.filtered(
            lambda line: line.display_type == 'product' and line.move_id.is_sale_document(include_receipts=True))
        for line in products:
            if line.move_id.seller_id and line.seller_id != line.move_id.seller_id:
                raise ValidationError(self.env._(
                    "%(document)s is the document of %(seller)s: it holds his goods only. Remove the line “%(line)s”.",
                    document=line.move_id.display_name, seller=line.move_id.seller_id.sudo().name, line=line.name))
            if line.seller_id:
                line._check_seller_account()
            elif line.account_id == line.company_id.sudo().marketplace_clearing_account_id:
                raise ValidationError(self.env._(
                    "“%(line)s” is no seller's: it does not belong on the clearing account %(account)s.",
                    line=line.name, account=line.account_id.sudo().display_name))
        products._check_supplier_taxes()

    def _check_seller_account(self):
        if self.revenue_presentation != 'agent':
            return
        if not self.move_id.seller_id:
            raise ValidationError(self.env._(
                "“%(line)s” is sold for %(seller)s and belongs on a document of his own. Invoice it from the order.",
                line=self.name, seller=self.seller_id.sudo().name))
        account = self.company_id._get_seller_line_account(self.promo_funding)
        if self.account_id != account:
            raise ValidationError(self.env._(
                "“%(line)s” is sold for %(seller)s: its account is %(account)s and cannot be changed.",
                line=self.name, seller=self.seller_id.sudo().name, account=account.sudo().display_name))

    def _check_supplier_taxes(self):
        """Check that taxes on behalf of sellers are on lines of sellers who are the supplier, and no others are there."""
        for line in self.filtered('tax_ids'):
            on_behalf = line.tax_ids.sudo().filtered('on_behalf_origin_ids')
            expected = bool(line.seller_id) and line.tax_supplier == 'seller'
            if expected and (on_behalf != line.tax_ids or line.promo_funding == 'platform'):
                raise ValidationError(self.env._(
                    "%(seller)s is the supplier of “%(line)s”: it carries taxes on behalf of sellers only.",
                    seller=line.seller_id.sudo().name, line=line.name))
            clearing = line.company_id.sudo().marketplace_clearing_account_id
            if on_behalf and not expected and (line.seller_id or line.account_id != clearing):
                raise ValidationError(self.env._(
                    "The tax %(tax)s is for goods that a seller supplies. “%(line)s” is supplied by us.",
                    tax=on_behalf[0].name, line=line.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.env['account.move']._check_seller_fields(vals_list, LINE_FIELDS)
        lines = self.env['account.move']._without_seller_defaults(self)
        return super(AccountMoveLine, lines).create(vals_list).with_env(self.env)

    def write(self, vals):
        self.env['account.move']._check_seller_fields([vals], LINE_FIELDS, empty=True)
        guarded = self._get_guarded_prices() if PRICE_FIELDS & vals.keys() else {}
        res = super().write(vals)
        for line, subtotal in guarded.items():
            if float_compare(abs(line.price_subtotal), abs(subtotal), precision_rounding=line.currency_id.rounding) > 0:
                raise UserError(self.env._(
                    "“%(line)s” is sold for %(seller)s: it can be made smaller here, not dearer. Change the order instead.",
                    line=line.name, seller=line.seller_id.sudo().name))
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ledger(self):
        """What is in a seller's ledger stays; the document is reset to draft first."""
        posted = self.filtered(lambda line: line.parent_state == 'posted')
        if posted and self.env['sales.seller.ledger'].sudo().search_count([('aml_id', 'in', posted.ids)], limit=1):
            raise UserError(self.env._("Journal items in a seller's ledger cannot be deleted. Make a credit note."))

    # === BUSINESS METHODS === #

    def reconcile(self):
        items = self
        if self.env.context.get(KEEP_CLEARING):
            items = self.filtered(lambda line: line.account_id != line.company_id.sudo().marketplace_clearing_account_id)
        return super(AccountMoveLine, items).reconcile() if items else None

    def _get_guarded_prices(self):
        """Return the untaxed amounts of lines of sellers that a person may only make smaller."""
        if self.env.su or granted(self, LEDGER_GUARD):
            return {}
        return {line: line.price_subtotal for line in self if line.seller_id and line.display_type == 'product'}

    def _get_agent_items(self):
        """Return those of the journal items that are lines of customer documents sold as an agent."""
        return self.filtered(
            lambda line: line.seller_id and line.display_type == 'product' and line.revenue_presentation == 'agent'
            and line.move_id.is_sale_document(include_receipts=True))

    def _eligible_for_stock_account(self):
        """Override of `stock_account`: goods that are not ours leave no stock of ours and cost us nothing."""
        if self.seller_id and (self.revenue_presentation == 'agent' or self.inventory_owner == 'seller'):
            return False
        return super()._eligible_for_stock_account()
