import psycopg2
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .source_invoice import MOVE_TYPES
from .source_lead import FALLBACK_COMPANY

BATCH = 5000
# Up to so many documents the history is booked at once, without waiting for the scheduled action
AT_ONCE = 20000
MAX_ATTEMPTS = 5
SOURCES = [
    # in the order in which they have to be booked
    ('orders', "Confirmed orders"),
    ('invoices', "Posted invoices"),
    ('customers', "New customers"),
    ('payments', "Matched payments"),
    ('leads', "Decided opportunities"),
]


class SalesAttainmentBackfill(models.Model):
    """How far the history of one company and source is in the attainment book.

    A batch of documents and the mark how far it got are committed together: a killed run goes on where
    it was, and what is booked already is not booked again.
    """

    _name = 'sales.attainment.backfill'
    _description = "Attainment Backfill"
    _order = 'id'
    _rec_name = 'source'

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, ondelete='cascade')
    source = fields.Selection(selection=SOURCES, string="Source", required=True, readonly=True)
    state = fields.Selection(
        selection=[('waiting', "Waiting"), ('running', "Running"), ('done', "Done"), ('failed', "Failed")],
        string="Status", required=True, readonly=True, default='waiting')
    last_id = fields.Integer(string="Last Document ID", readonly=True, aggregator=None)
    done = fields.Integer(string="Documents Done", readonly=True)
    total = fields.Integer(string="Documents", readonly=True)
    progress = fields.Float(string="Progress (%)", compute='_compute_progress')
    started_on = fields.Datetime(string="Started On", readonly=True)
    finished_on = fields.Datetime(string="Finished On", readonly=True)
    error = fields.Text(string="Error", readonly=True)

    _source_unique = models.Constraint('UNIQUE (company_id, source)', "Each company and source has one row.")

    #=== COMPUTE METHODS ===#

    @api.depends('state', 'done', 'total')
    def _compute_progress(self):
        for backfill in self:
            if backfill.state == 'done':
                backfill.progress = 100.0
            else:
                backfill.progress = min(99.0, 100.0 * backfill.done / backfill.total) if backfill.total else 0.0

    #=== ACTION METHODS ===#

    def action_start(self):
        """Go through the documents of all companies again, from the first one. What is missing is booked.

        :raise AccessError: if the user is no sales administrator
        :return: True
        """
        if not self.env.user.has_group('sales_team.group_sale_manager'):
            raise AccessError(self.env._("Only sales administrators can start the backfill."))
        self.sudo()._start()
        return True

    #=== BUSINESS METHODS ===#

    @api.model
    def _start(self):
        """Mark every company and source as waiting and wake up the scheduled action."""
        self._create_missing()
        for backfill in self.search([('state', '!=', 'running')]):
            backfill.write({
                'state': 'waiting', 'last_id': 0, 'done': 0, 'total': backfill._count(), 'error': False,
                'started_on': False, 'finished_on': False,
            })
        cron = self.env.ref('sales_mgmt_addon.ir_cron_sales_attainment_backfill')
        cron.active = True
        cron._trigger()

    @api.model
    def _create_missing(self):
        companies = self.env['res.company'].with_context(active_test=False).search([])  # pylint: disable=no-search-all
        known = {(company.id, source) for company, source in self._read_group([], ['company_id', 'source'])}
        self.create([
            {'company_id': company.id, 'source': source}
            for company in companies for source, _label in SOURCES if (company.id, source) not in known
        ])

    @api.model
    def _start_at_install(self):
        """Book the history: at once if it is short, else in the background, so that the installation stays fast."""
        self._start()
        backfills = self.search([('state', '=', 'waiting')])
        if sum(backfills.mapped('total')) > AT_ONCE:
            return
        for backfill in backfills:
            while backfill._book_batch():
                pass
        self.env.ref('sales_mgmt_addon.ir_cron_sales_attainment_backfill').active = False

    @api.model
    def _cron_backfill(self):
        """Book batch after batch and switch the scheduled action off when nothing is left."""
        cron = self.env['ir.cron']
        open_domain = [('state', 'in', ('waiting', 'running'))]
        cron._commit_progress(remaining=self.search_count(open_domain))
        attempts = 0
        while backfill := self.search(open_domain, limit=1):
            try:
                done = not backfill._book_batch()
                attempts = 0
            except SerializationFailure:
                # a document of the batch is being booked by its user right now: again, on a fresh snapshot
                self.env.cr.rollback()
                attempts += 1
                if attempts >= MAX_ATTEMPTS:
                    break
                continue
            except psycopg2.Error as error:
                self.env.cr.rollback()
                backfill.write({'state': 'failed', 'error': str(error)})
                done = True
            if not cron._commit_progress(1 if done else 0):
                break
        if not self.search_count(open_domain):
            cron._commit_progress(deactivate=True)

    def _book_batch(self):
        """Book the next documents. Note: self.ensure_one()

        :return: whether more may follow
        :rtype: bool
        """
        self.ensure_one()
        ids = self._get_next_ids(BATCH)
        if not ids:
            self.write({'state': 'done', 'finished_on': fields.Datetime.now()})
            if self.done > BATCH:
                # the next source reads what this one has booked; without statistics it would read all of it
                self.env.cr.execute("ANALYZE sales_attainment_entry")
            return False
        self._book_documents(ids)
        self.write({
            'state': 'running', 'last_id': ids[-1], 'done': self.done + len(ids),
            'started_on': self.started_on or fields.Datetime.now(),
        })
        return True

    def _book_documents(self, ids):
        Entry = self.env['sales.attainment.entry'].with_company(self.company_id)
        if self.source == 'orders':
            Entry._follow_partner('sale.order', ids)
            Entry._book_orders(ids, redate=True)
        elif self.source == 'invoices':
            Entry._follow_partner('account.move', ids)
            Entry._book_invoices(ids)
        elif self.source == 'customers':
            Entry._book_customer_pairs([self.company_id.id] * len(ids), ids)
        elif self.source == 'payments':
            Entry._book_payments(ids)
        elif self.source == 'leads':
            Entry._book_leads(ids)

    def _get_next_ids(self, limit):
        return [row[0] for row in self.env.execute_query(SQL(
            "SELECT id FROM (%s) x WHERE id > %s ORDER BY id LIMIT %s", self._documents_sql(), self.last_id, limit))]

    def _count(self):
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM (%s) x", self._documents_sql()))[0][0]

    def _documents_sql(self):
        """Return the query for the ids of the documents to look at. Note: self.ensure_one()"""
        self.ensure_one()
        company = self.company_id.id
        if self.source == 'orders':
            return SQL("SELECT id FROM sale_order WHERE company_id = %s", company)
        if self.source == 'customers':
            return SQL(
                """SELECT DISTINCT e.partner_id AS id FROM sales_attainment_entry e
                    WHERE e.company_id = %s AND e.partner_id IS NOT NULL
                      AND e.metric_id = (SELECT id FROM sales_metric WHERE code = 'invoiced')""", company)
        if self.source == 'leads':
            return SQL(
                """SELECT l.id FROM crm_lead l
                     LEFT JOIN crm_team t ON t.id = l.team_id
                     LEFT JOIN res_users u ON u.id = l.user_id
                    WHERE l.type = 'opportunity' AND COALESCE(l.company_id, t.company_id, u.company_id, %s) = %s""",
                FALLBACK_COMPANY, company)
        return SQL("SELECT id FROM account_move WHERE company_id = %s AND move_type IN %s", company, MOVE_TYPES)
