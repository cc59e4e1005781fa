from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesCollectionCase(models.Model):
    """What a case shows of other records, and the ways to them."""

    _inherit = 'sales.collection.case'

    can_work = fields.Boolean(compute='_compute_can_work')
    has_judged = fields.Boolean(compute='_compute_kept_rate')
    items_html = fields.Html(
        string="Open Items", compute='_compute_items_html', sanitize=False, help="Everything that is open, due or not.")
    overdue_html = fields.Html(
        string="Items to Remind Of", compute='_compute_items_html', sanitize=False,
        help="What the customer is reminded of: overdue and not in dispute.")
    dispute_ids = fields.Many2many(
        comodel_name='sales.receivable.dispute', string="Disputes", compute='_compute_dispute_ids')

    # === COMPUTE METHODS === #

    @api.depends_context('uid')
    def _compute_can_work(self):
        able = self._filtered_access('write')
        for case in self:
            case.can_work = case in able

    def _compute_kept_rate(self):
        super()._compute_kept_rate()
        judged = self.env['sales.collection.promise']._get_kept_rates('partner_id', self.partner_id.ids)
        for case in self:
            case.has_judged = case.partner_id.id in judged

    @api.depends('partner_id', 'company_id', 'state')
    @api.depends_context('lang')
    def _compute_items_html(self):
        for case in self:
            items = case._get_open_items() if case._origin and case.state != 'closed' else []
            due = [
                {**item, 'residual_currency': item['residual_currency'] * item['undisputed']} for item in items
                if item['days_overdue'] > 0 and item['residual'] > 0 and item['undisputed'] > 0]
            case.items_html = case._render_items(items, with_status=True)
            case.overdue_html = case._render_items(due)

    def _render_items(self, items, with_status=False):
        """Return a table of items with a total per currency; nothing without items."""
        if not items:
            return False
        Currency = self.env['res.currency']
        totals = defaultdict(float)
        for item in items:
            totals[item['currency_id']] += item['residual_currency']
        return self.env['ir.qweb']._render('sales_mgmt_addon.collection_items_table', {
            'items': [{**item, 'currency': Currency.browse(item['currency_id'])} for item in items],
            'totals': [
                {'currency': Currency.browse(currency_id), 'amount': amount} for currency_id, amount in totals.items()],
            'with_status': with_status,
        })

    @api.depends_context('uid')
    def _compute_dispute_ids(self):
        Dispute = self.env['sales.receivable.dispute']
        found = Dispute.browse()
        if Dispute.has_access('read'):
            found = Dispute.search([('partner_id', 'in', self.partner_id.ids)])
        for case in self:
            case.dispute_ids = found.filtered(
                lambda dispute, case=case: dispute.partner_id == case.partner_id
                and dispute.company_id.sudo().root_id == case.company_id)

    # === ACTION METHODS === #

    def action_send_mail(self):
        """Open the message to the customer with the list of his overdue items; sent, it is logged.

        :return: window action of the composer
        :raise AccessError: unless the user works the case
        """
        self.ensure_one()
        self._check_may_work()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Reminder"),
            'res_model': 'mail.compose.message',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'default_model': self._name,
                'default_res_ids': self.ids,
                'default_composition_mode': 'comment',
                'default_template_id': self.env.ref('sales_mgmt_addon.mail_template_collection').id,
                'default_email_layout_xmlid': 'mail.mail_notification_light',
                'collection_log_mail': True,
            },
        }

    def message_post(self, **kwargs):
        """Override of `mail`: an e-mail that was written from the case is logged as a contact."""
        message = super().message_post(**kwargs)
        if self.env.context.get('collection_log_mail') and message.partner_ids:
            contact = message.sudo().partner_ids.filtered(
                lambda partner: partner.commercial_partner_id == self.sudo().partner_id)[:1]
            self.with_context(collection_log_mail=False)._log(
                'mail', 'sent', message_id=message.id, contact_id=contact.id)
        return message

    def action_letter(self):
        """Print the reminder letter and log it.

        :return: report action
        :raise AccessError: unless the user works the case
        :raise UserError: if there is nothing to remind of
        """
        self.ensure_one()
        self._check_may_work()
        if self.currency_id.compare_amounts(self.overdue_amount, self.disputed_amount) <= 0:
            raise UserError(self.env._("%(customer)s has nothing overdue but what he disputes.", customer=self.partner_id.name))
        self._log('letter', 'sent')
        return self.env.ref('sales_mgmt_addon.report_collection_letter_action').report_action(self, config=False)

    def action_dispute(self):
        """Open the dialog of a dispute; if the customer has several open items, their list to choose one.

        :return: window action
        :raise AccessError: unless the user works the case
        """
        self.ensure_one()
        self._check_may_work()
        items = self.env['sales.receivable.report'].search([
            ('partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
            ('is_receipt', '=', False), ('dispute_id', '=', False)], limit=2)
        if len(items) == 1:
            return items.action_open_dispute()
        return self.action_open_receivables()

    def action_open_receivables(self):
        """Open what the customer owes in the company of the case, as far as the user may see it."""
        self.ensure_one()
        self.check_access('read')
        action = self.partner_id.action_open_receivables()
        action['domain'] = [*action['domain'], ('company_id', 'child_of', self.company_id.id)]
        return action

    def action_open_profile(self):
        """Open the credit profile of the customer in the company of the case."""
        self.ensure_one()
        self.check_access('read')
        return self.partner_id._action_open_credit_profile(self.company_id)

    def action_open_statement(self):
        """Open the dialog that prints or sends the account statement of the customer."""
        self.ensure_one()
        self.check_access('read')
        company = self.company_id if self.company_id in self.env.user.company_ids else self.env.company
        return self.partner_id.with_company(company).action_print_statement()

    def action_open_previous(self):
        """Open the last closed case of the customer."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': self.previous_id.id,
            'views': [(False, 'form')],
        }
