from odoo import api, fields, models

from .const import AREA


class SalesSettlement(models.Model):
    """Posted statements go to the seller, in a job of their own: making a PDF takes longer than settling."""

    _inherit = 'sales.settlement'

    mail_queued = fields.Boolean(string="To Be Sent", readonly=True, copy=False, index='btree_not_null')
    sent_on = fields.Datetime(string="Sent to Seller", readonly=True, copy=False)

    def _close(self, charge, bill, move):
        """Override: queue the e-mail to the seller."""
        super()._close(charge, bill, move)
        if self.company_id.settlement_mail and self.partner_id.email:
            self._set({'mail_queued': True})
            self.env.ref('sales_mgmt_addon.ir_cron_sales_settlement_mail').sudo()._trigger()

    def action_send_mail(self):
        """Send posted statements to the sellers, again if need be, in the background.

        :raise AccessError: unless the user is a settlement officer
        :return: True
        """
        self._check_officer()
        self.filtered(lambda one: one.state in ('posted', 'paid') and one.partner_id.email)._set({'mail_queued': True})
        self.env.ref('sales_mgmt_addon.ir_cron_sales_settlement_mail').sudo()._trigger()
        return True

    def action_print(self):
        """Open the PDF of the statements."""
        self.check_access('read')
        return self.env.ref('sales_mgmt_addon.report_settlement_action').report_action(self, config=False)

    @api.model
    def _cron_mail(self):
        """Send queued statements, one transaction each."""
        if not self.env['res.groups']._is_feature_enabled(AREA):
            return
        waiting = self.sudo().search([('mail_queued', '=', True)], order='id')
        Cron = self.env['ir.cron']
        Cron._commit_progress(remaining=len(waiting))
        for statement in waiting:
            statement = statement[0].try_lock_for_update()
            statement.invalidate_recordset()
            if statement.mail_queued:
                statement._send_to_seller()
            if not Cron._commit_progress(1):
                break

    def _send_to_seller(self):
        self.ensure_one()
        self._set({'mail_queued': False, 'sent_on': fields.Datetime.now()})
        if self.state in ('posted', 'paid'):
            template = self.env.ref('sales_mgmt_addon.mail_template_settlement')
            template.with_company(self.company_id).send_mail(self.id)
