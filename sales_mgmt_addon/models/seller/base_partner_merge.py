from odoo import models
from odoo.exceptions import AccessError, UserError

from .const import MANAGER_GROUP


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override of `base`: merging hands the offers, the money and the portal of a seller to the other partner's people.

        :raise AccessError: if a seller is merged by somebody else than a channel manager
        :raise UserError: if two sellers of one company would become one
        """
        sellers = self.env['sales.seller'].sudo().with_context(active_test=False).search([('partner_id', 'in', partner_ids)])
        contacts = self.env['res.partner'].sudo().browse(partner_ids).exists()
        if not (self.env.su or self.env['res.partner']._may_move_sellers()) and len(contacts.commercial_partner_id) > 1 and (
                contacts.user_ids and contacts.commercial_partner_id._get_sellers()):
            contacts._refuse_seller_login(contacts.filtered('user_ids')[0])
        if sellers and not (self.env.su or self.env.user.has_group(MANAGER_GROUP)):
            raise AccessError(self.env._("%s sells through us: only channel managers merge sellers.", sellers[0].name))
        for same in sellers.grouped('company_id').values():
            if len(same) > 1:
                raise UserError(self.env._(
                    "%(first)s and %(second)s are two sellers with ledgers of their own. Close one of them instead.",
                    first=same[0].name, second=same[1].name))
        res = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        if sellers:
            sellers.invalidate_recordset()
            sellers._check_partner()
            self.env.registry.clear_cache()  # who owns goods of sellers
        return res
