from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    has_seller_ledger = fields.Boolean(
        compute='_compute_has_seller_ledger', compute_sudo=True, groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('state', 'seller_id', 'line_ids.seller_id')
    def _compute_has_seller_ledger(self):
        booked = self._origin.filtered(lambda move: move.state == 'posted')._get_seller_documents()
        for move in self:
            move.has_seller_ledger = move._origin in booked

    # === ACTION METHODS === #

    def action_open_seller_ledger(self):
        """Open the entries of the document in the sellers' ledger.

        :raise AccessError: if the user may not read the document
        :return: window action
        """
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_seller_ledger_action')
        return {**action, 'domain': [('move_id', 'in', self.ids)], 'context': {}}
