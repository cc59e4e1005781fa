from odoo import fields, models
from odoo.exceptions import AccessError


class AccountMove(models.Model):
    _inherit = 'account.move'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='restrict', check_company=True,
        groups='base.group_user')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='restrict', readonly=True,
        check_company=True, groups='base.group_user', help="Seller for whom the document is made: it holds his lines only.")

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to keep the channel of posted documents.

        :raise AccessError: if somebody else than a channel manager, sales or accounting administrator changes it
        """
        if 'channel_id' in vals and not self.env.su and any(
                move.state == 'posted' and move.channel_id.id != (vals['channel_id'] or False) for move in self):
            self._check_channel_change()
        return super().write(vals)

    def _check_channel_change(self):
        if not any(self.env.user.has_group(group) for group in (
            'sales_mgmt_addon.group_channel_manager', 'sales_team.group_sale_manager', 'account.group_account_manager',
        )):
            raise AccessError(self.env._(
                "The document is posted. Ask a channel manager or an administrator of sales or accounting to change its "
                "channel."))
