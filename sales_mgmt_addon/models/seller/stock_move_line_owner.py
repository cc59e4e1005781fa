from odoo import api, models
from odoo.exceptions import UserError


class StockMoveLine(models.Model):
    _inherit = 'stock.move.line'

    @api.constrains('owner_id', 'move_id')
    def _check_owner(self):
        """Refuse at once to pick goods of another owner by hand; what has no owner yet is checked when it leaves.

        What has left keeps its owner: Odoo would take the goods of the new one from the stock afterwards.
        """
        for line in self:
            is_done, is_return = line.state == 'done', line.location_id.usage == 'customer'
            if line.state == 'cancel' or not line.move_id or not is_done and (is_return or not line.owner_id):
                continue
            rule = line.move_id._get_owner_rule()
            if rule and not rule.allows(line.owner_id.id) and (rule.owner_id or not is_return):
                line._raise_owner_mismatch(rule)

    def _raise_owner_mismatch(self, rule, lot=None):
        """:raise UserError: says whose goods were expected and whose were picked"""
        self.ensure_one()
        expected = self.env['res.partner'].sudo().browse(rule.owner_id) if rule.owner_id else self.company_id
        goods = f"{self.product_id.display_name} {lot.name}" if lot else self.product_id.display_name
        owner = self.owner_id.display_name or self.company_id.display_name
        raise UserError(self.env._(
            "Owner mismatch: %(document)s takes goods of %(expected)s, but %(goods)s belongs to %(owner)s.",
            document=self.picking_id.name or self.move_id.reference or "", expected=expected.display_name, goods=goods,
            owner=self.env._("somebody else") if lot else owner))
