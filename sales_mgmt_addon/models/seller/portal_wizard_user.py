from odoo import models


class PortalWizardUser(models.TransientModel):
    _inherit = 'portal.wizard.user'

    def action_grant_access(self):
        """Override of `portal`: a login for a contact of a seller is one for the seller's portal.

        :raise AccessError: if somebody else than a channel manager or an administrator gives one
        """
        self.ensure_one()
        partner = self.partner_id
        if not self.env.su and not partner._may_move_sellers() and partner.sudo().commercial_partner_id._get_sellers():
            partner._refuse_seller_login(partner.sudo())
        return super().action_grant_access()
