from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...internal import grant, granted
from ..receivable.items import flush_sources
from .const import ACTION_GUARD, CONTACTS, KINDS, OUTCOMES, SUCCESS_DAYS


class SalesCollectionAction(models.Model):
    """A contact with a customer about overdue items and what came of it. Written once, never changed."""

    _name = 'sales.collection.action'
    _description = "Collection Action"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    case_id = fields.Many2one(
        comodel_name='sales.collection.case', string="Case", required=True, readonly=True, index=True,
        ondelete='restrict')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='restrict')
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Done By", required=True, readonly=True, index=True, ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    date = fields.Date(string="Date", required=True, readonly=True, index=True)
    kind = fields.Selection(selection=KINDS, string="Kind", required=True, readonly=True)
    outcome = fields.Selection(selection=OUTCOMES, string="Outcome", readonly=True)
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Contact Person", readonly=True, ondelete='set null',
        index='btree_not_null')
    note = fields.Text(string="Note", readonly=True)
    overdue_amount = fields.Monetary(
        string="Overdue Then", readonly=True, aggregator=None, help="Frozen at the time of the contact.")
    next_action = fields.Selection(selection=CONTACTS, string="Agreed Next Action", readonly=True)
    next_date = fields.Date(string="Agreed Next Date", readonly=True)
    message_id = fields.Many2one(
        comodel_name='mail.message', string="Message", readonly=True, index='btree_not_null', ondelete='set null')
    delivery_failed = fields.Boolean(
        string="Not Delivered", readonly=True, help="The e-mail came back.")
    payment_judged = fields.Boolean(readonly=True)
    paid_within_14 = fields.Boolean(
        string="Paid Within 14 Days", readonly=True,
        help="Money of the customer came within 14 days of the contact.")

    _open_idx = models.Index("(date) WHERE payment_judged IS NOT TRUE AND kind <> 'note'")
    _customer_idx = models.Index("(company_id, partner_id, kind)")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, ACTION_GUARD):
            raise AccessError(self.env._("Contacts are logged from the collection case."))
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, ACTION_GUARD):
            raise AccessError(self.env._("What was logged stays as it is. Log another contact to correct it."))
        return super().write(vals)

    def copy_data(self, default=None):
        raise AccessError(self.env._("Contacts are logged from the collection case."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, ACTION_GUARD):
            raise AccessError(self.env._("What was logged stays on record."))

    # === BUSINESS METHODS === #

    @api.model
    def _judge_payments(self):
        """Note which contacts brought money within 14 days; those whose 14 days are over without any, brought none.

        Money of the same day counts when it was matched after the contact was logged.
        """
        flush_sources(self.env)
        self.env['account.partial.reconcile'].flush_model()
        self.flush_model()
        today = fields.Date.context_today(self)
        self.env.cr.execute(SQL(
            """
            UPDATE sales_collection_action a
               SET paid_within_14 = j.paid, payment_judged = TRUE
              FROM (
                SELECT o.id, o.date, EXISTS (
                           SELECT 1
                             FROM res_partner p
                             JOIN account_move_line l ON l.partner_id = p.id
                             JOIN res_company co ON co.id = l.company_id
                             JOIN account_partial_reconcile r ON r.debit_move_id = l.id
                             JOIN account_move_line m ON m.id = r.credit_move_id
                             JOIN account_journal jo ON jo.id = m.journal_id
                            WHERE p.commercial_partner_id = o.partner_id
                              AND l.account_id = ANY(ARRAY(
                                  SELECT x.id FROM account_account x WHERE x.account_type = 'asset_receivable'))
                              AND co.parent_path LIKE o.company_id || '/%%'
                              AND jo.type IN ('bank', 'cash', 'credit')
                              AND r.max_date BETWEEN o.date AND o.date + %(days)s
                              AND (r.max_date > o.date OR r.create_date >= o.create_date)
                       ) AS paid
                  FROM sales_collection_action o
                 WHERE o.payment_judged IS NOT TRUE AND o.kind <> 'note'
              ) j
             WHERE a.id = j.id AND (j.paid OR j.date + %(days)s < %(today)s)
            """, days=SUCCESS_DAYS, today=SQL("%s::date", today)))
        self.invalidate_model(['paid_within_14', 'payment_judged'], flush=False)

    def _mark_undelivered(self):
        """Note that e-mails came back: the case needs a call today."""
        grant(self.sudo(), ACTION_GUARD).write({'delivery_failed': True})
