from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...internal import grant, granted

GUARD = 'receivable.statement'
CHATTER_PREFIXES = ('activity_', 'message_', 'my_activity_')


class SalesReceivableStatementSent(models.Model):
    """An account statement that was prepared for a customer: the thread that keeps the message and the PDF.

    Neither the contact nor the credit profile can keep them. All employees read the one, and everybody with an order of
    the customer reads the other; this is for those who see all that the customer owes.
    """

    _name = 'sales.receivable.statement.sent'
    _description = "Sent Account Statement"
    _inherit = ['mail.thread']
    _order = 'id desc'
    _rec_name = 'partner_id'
    _mail_post_access = 'read'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='cascade')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Sent By", required=True, readonly=True, index=True, ondelete='restrict')
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            raise AccessError(self.env._("Statements are sent from the customer, not entered by hand."))
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, GUARD) and any(not name.startswith(CHATTER_PREFIXES) for name in vals):
            raise AccessError(self.env._("What was sent to a customer cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, GUARD):
            raise AccessError(self.env._("What was sent to a customer cannot be deleted."))

    @api.model
    def _record(self, vals):
        """Keep that a statement is sent.

        :param dict vals: values of the fields, ``user_id`` apart
        :return: the record, with the rights of the user
        """
        record = grant(self.sudo(), GUARD).create({**vals, 'user_id': self.env.uid})
        return record.with_env(self.env)
