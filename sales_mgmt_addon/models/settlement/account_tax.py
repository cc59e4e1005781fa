from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare


class AccountTax(models.Model):
    _inherit = 'account.tax'

    on_behalf_tax_id = fields.Many2one(
        comodel_name='account.tax', string="Tax on Behalf of Sellers", check_company=True, copy=False, index='btree_not_null',
        ondelete='set null',
        help="Replaces this tax where the seller is the supplier: the tax is the seller's and goes to the clearing account.")
    on_behalf_origin_ids = fields.One2many(
        comodel_name='account.tax', inverse_name='on_behalf_tax_id', string="Stands in for", readonly=True)

    # === CONSTRAINT METHODS === #

    @api.constrains(
        'on_behalf_tax_id', 'amount', 'amount_type', 'price_include_override', 'invoice_repartition_line_ids',
        'refund_repartition_line_ids')
    def _check_on_behalf_tax(self):
        origins = self.filtered('on_behalf_tax_id') | self.on_behalf_origin_ids
        if problems := origins._get_on_behalf_problems():
            raise ValidationError("\n".join(problems))

    # === BUSINESS METHODS === #

    def _get_on_behalf(self):
        """Return what replaces these taxes where the seller is the supplier. Taxes on behalf of sellers stay.

        :raise UserError: if one of them has no tax on behalf of sellers
        """
        own = self.filtered(lambda tax: not tax.on_behalf_origin_ids)
        if missing := own.filtered(lambda tax: not tax.on_behalf_tax_id):
            raise UserError(self.env._(
                "The seller is the supplier, but the tax %(tax)s has no tax on behalf of sellers. Set one on the tax, or"
                " create them in the settings of the marketplace.", tax=missing[0].name))
        return (self - own) | own.on_behalf_tax_id

    def _get_on_behalf_problems(self):
        """Return what is wrong with the taxes on behalf of sellers of these taxes, a text each.

        :rtype: list[str]
        """
        problems = []
        for tax in self:
            twin, clearing = tax.on_behalf_tax_id, tax.company_id.marketplace_clearing_account_id
            lines = (twin.invoice_repartition_line_ids | twin.refund_repartition_line_ids).filtered(
                lambda line: line.repartition_type == 'tax')
            if twin.amount_type != tax.amount_type or float_compare(twin.amount, tax.amount, precision_digits=4):
                problems.append(self.env._(
                    "%(twin)s stands in for %(tax)s and must have the same amount.", twin=twin.name, tax=tax.name))
            elif twin.price_include != tax.price_include:
                problems.append(self.env._(
                    "%(twin)s stands in for %(tax)s: both must be included in the price, or none.", twin=twin.name,
                    tax=tax.name))
            elif any(line.account_id != clearing for line in lines):
                problems.append(self.env._(
                    "%(twin)s is a tax on behalf of sellers: all its distribution lines must go to the clearing account.",
                    twin=twin.name))
        return problems

    def _get_account_problems(self):
        """Return which of these taxes have a distribution line without an account, a text each.

        Such a tax would be posted to the account of the line it is for, which is the clearing account.

        :rtype: list[str]
        """
        taxes = self.flatten_taxes_hierarchy()
        return [
            self.env._("The tax %(tax)s has no account on its distribution line: it would go to the clearing account.",
                       tax=tax.name)
            for tax in taxes
            if any(line.repartition_type == 'tax' and line.factor and not line.account_id
                   for line in tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids)
        ]


class AccountTaxRepartitionLine(models.Model):
    _inherit = 'account.tax.repartition.line'

    # === CONSTRAINT METHODS === #

    @api.constrains('account_id', 'repartition_type')
    def _check_on_behalf_tax(self):
        self.tax_id._check_on_behalf_tax()
