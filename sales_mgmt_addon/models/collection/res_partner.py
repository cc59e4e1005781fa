from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    dunning_letter_count = fields.Integer(
        string="Dunning Letters", compute='_compute_dunning_letter_count', groups='base.group_user')

    def _compute_dunning_letter_count(self):
        """Of the commercial partner, those that the user may see."""
        self.dunning_letter_count = 0
        Letter = self.env['sales.dunning.letter']
        if not self._credit_is_active() or not Letter.has_access('read'):
            return
        counts = dict(Letter._read_group(
            [('partner_id', 'in', self.commercial_partner_id.ids), ('state', '=', 'sent')], ['partner_id'], ['__count']))
        for partner in self:
            partner.dunning_letter_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_dunning(self):
        """Open the dunning letters of the customer that the user may see."""
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_dunning_letter_action')
        action['domain'] = [('partner_id', '=', self.sudo().commercial_partner_id.id)]
        action['context'] = {}
        return action
