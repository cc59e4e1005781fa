import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

REPORT = 'sales_mgmt_addon.report_customer_statement_action'


class SalesReceivableStatement(models.TransientModel):
    """Asks for which period a customer's account statement is printed or sent."""

    _name = 'sales.receivable.statement'
    _description = "Account Statement"

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, default=lambda self: self.env.company,
        ondelete='cascade')
    date_from = fields.Date(string="From", required=True, compute='_compute_date_from', store=True, readonly=False,
        precompute=True)
    date_to = fields.Date(string="Until", required=True, default=fields.Date.context_today)

    @api.depends('date_to')
    def _compute_date_from(self):
        for wizard in self:
            if not wizard.date_from and wizard.date_to:
                wizard.date_from = fields.Date.add(wizard.date_to, years=-1, days=1)

    def action_print(self):
        """Print the statement.

        :return: report action
        :raise AccessError: if the user may not see all that the customer owes
        """
        self._check()
        return self.env.ref(REPORT).report_action(None, data=self._prepare_data(), config=False)

    def action_send(self):
        """Open a message to the customer with the statement attached.

        Both stay with a record that is read only by those who see all that the customer owes.

        :return: window action of the composer
        :rtype: dict
        :raise AccessError: if the user may not see all that the customer owes
        """
        self._check()
        content, _type = self.env['ir.actions.report']._render_qweb_pdf(
            REPORT, res_ids=self.partner_id.ids, data=self._prepare_data())
        attachment = self.env['ir.attachment'].create({
            'name': self.env._("Statement %(customer)s %(date)s.pdf",
                customer=self.partner_id.name, date=fields.Date.to_string(self.date_to)).replace('/', '-'),
            'datas': base64.b64encode(content),
            'res_model': 'mail.compose.message',
            'res_id': 0,
        })
        sent = self.env['sales.receivable.statement.sent']._record({
            'partner_id': self.partner_id.id, 'company_id': self.company_id.id,
            'date_from': self.date_from, 'date_to': self.date_to})
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'mail.compose.message',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'default_model': 'sales.receivable.statement.sent',
                'default_res_ids': sent.ids,
                'default_composition_mode': 'comment',
                'default_template_id': self.env.ref('sales_mgmt_addon.mail_template_statement').id,
                'default_attachment_ids': attachment.ids,
                'default_partner_ids': self.partner_id.ids,
            },
        }

    def _check(self):
        self.ensure_one()
        self.check_access('read')
        self.partner_id.check_access('read')
        self.partner_id._check_statement_access(self.company_id)
        if self.date_from > self.date_to:
            raise UserError(self.env._("The statement begins after its end: choose another period."))

    def _prepare_data(self):
        return {
            'partner_ids': self.partner_id.ids,
            'company_id': self.company_id.id,
            'date_from': fields.Date.to_string(self.date_from),
            'date_to': fields.Date.to_string(self.date_to),
        }
