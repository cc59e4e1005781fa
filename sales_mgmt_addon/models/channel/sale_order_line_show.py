from odoo import models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # === ACTION METHODS === #

    def action_open_rights(self):
        """Open the rights of the line, with the version they come from. Note: self.ensure_one()

        :return: window action of a dialog
        """
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Rights in %s", self.product_id.display_name),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self.env.ref('sales_mgmt_addon.sale_order_line_view_form_rights').id, 'form')],
            'target': 'new',
        }
