from odoo import api, fields, models

from ..credit.amounts import check_amounts


class ResCompany(models.Model):
    _inherit = 'res.company'

    dunning_automatic = fields.Boolean(
        groups='base.group_user', string="Dun Automatically",
        help="Letters are proposed and sent every day without anybody checking them.")
    dunning_minimum_amount = fields.Monetary(
        groups='base.group_user', string="Smallest Amount to Dun", help="No letter for less, in company currency.")
    dunning_fee_product_id = fields.Many2one(
        groups='base.group_user', comodel_name='product.product', string="Product of Dunning Fees", ondelete='restrict',
        help="Gives account and taxes. A service without taxes is made when it is first needed.")
    dunning_interest_product_id = fields.Many2one(
        groups='base.group_user', comodel_name='product.product', string="Product of Default Interest", ondelete='restrict',
        help="Gives the account; default interest bears no taxes. A service is made when it is first needed.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, ('dunning_minimum_amount',))
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, ('dunning_minimum_amount',))
        return super().write(vals)

    def _get_dunning_product(self, kind):
        """Return the product of dunning fees or default interest; made as a service without taxes when missing.

        :param str kind: ``'fee'`` or ``'interest'``
        :return: `product.product`, sudoed; the one of the root company
        """
        root = self.root_id.sudo()
        name = f'dunning_{kind}_product_id'
        if not root[name]:
            root[name] = self.env['product.product'].sudo().with_company(root).create({
                'name': self.env._("Dunning fee") if kind == 'fee' else self.env._("Default interest"),
                'type': 'service',
                'company_id': root.id,
                'list_price': 0.0,
                'sale_ok': False,
                'purchase_ok': False,
                'taxes_id': [fields.Command.clear()],
                'supplier_taxes_id': [fields.Command.clear()],
            })
        return root[name]
