import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from ...internal import grant, granted
from . import source_invoice, source_lead, source_order, source_payment
from .booking import book_sql, follow_partner_sql, reverse_sql


class SalesAttainmentEntry(models.Model):
    """One line of the book of what was achieved: who gets credit for which fact, frozen when it is booked.

    The book is to sales what the journal is to accounting: rows are added, never changed or deleted. A
    fact that ceases to hold is answered by a mirror row with the date of the row it mirrors.
    """

    _name = 'sales.attainment.entry'
    _description = "Attainment Entry"
    _order = 'date desc, id desc'
    _rec_name = 'metric_id'

    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, readonly=True, ondelete='restrict', index=True)
    date = fields.Date(
        string="Date", required=True, readonly=True,
        help="Day of the fact in the time zone of the company. A mirror row has the day of what it mirrors;"
             " the time of booking is the creation date.")
    # of the date, as columns: one field cannot stand in a view with its month and with its year
    year = fields.Char(string="Year", readonly=True)
    month_of_year = fields.Selection(
        selection=[
            ('01', "January"), ('02', "February"), ('03', "March"), ('04', "April"), ('05', "May"), ('06', "June"),
            ('07', "July"), ('08', "August"), ('09', "September"), ('10', "October"), ('11', "November"),
            ('12', "December"),
        ],
        string="Month of the Year", readonly=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, ondelete='restrict')
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, ondelete='restrict', index='btree_not_null')
    region_path = fields.Char(
        string="Region Path", readonly=True,
        help="The team and the teams above it when the entry was booked, as ids from the top: 1/4/9/.")
    channel = fields.Char(string="Channel", readonly=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", readonly=True, ondelete='restrict',
        help="The commercial partner.")
    product_id = fields.Many2one(
        comodel_name='product.product', string="Product", readonly=True, ondelete='restrict', index='btree_not_null')
    product_category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", readonly=True, ondelete='restrict',
        index='btree_not_null')
    value = fields.Float(
        string="Value", required=True, readonly=True, digits=(16, 4),
        help="What counts for the metric: money in company currency, a quantity in the unit of the product, a"
             " count, or the numerator of a ratio or score.")
    quantity = fields.Float(
        string="Quantity", readonly=True, digits=(16, 4),
        help="In the unit of the product; the denominator of a ratio or score.")
    amount = fields.Monetary(
        string="Amount", readonly=True, help="Untaxed, in company currency at the rate of the document.")
    share = fields.Float(
        string="Share (%)", readonly=True, default=100.0, digits=(7, 4), aggregator=None,
        help="The share of the salesperson in the fact; value, quantity and amount are after it.")
    is_overlay = fields.Boolean(
        string="Overlay", readonly=True, default=False, help="Counts for the person, but in no sum of a team or the company.")
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field='res_model', required=True, readonly=True, aggregator=None)
    document_name = fields.Char(string="Document", compute='_compute_document_name')
    res_line_id = fields.Integer(
        string="Line ID", readonly=True, default=0, aggregator=None,
        help="The line, payment matching or other part of the document; 0 for the document as a whole.")
    run = fields.Integer(
        string="Run", readonly=True, default=1, aggregator=None,
        help="Counts how often the same part of a document was booked.")
    reversal_of_id = fields.Many2one(
        comodel_name='sales.attainment.entry', string="Reversal Of", readonly=True, ondelete='restrict')

    once_key = fields.Char(
        string="Once Key", readonly=True,
        help="Set where a fact can be true only once: keeps two transactions from booking it at the same time.")

    _period_idx = models.Index("(company_id, metric_id, date)")
    _user_idx = models.Index("(user_id, metric_id, date)")
    _partner_idx = models.Index("(partner_id, metric_id, date) WHERE partner_id IS NOT NULL")
    # Its first columns serve the search for the entries of a document
    _part_unique = models.UniqueIndex(
        "(res_id, res_model, res_line_id, metric_id, date, run, (reversal_of_id IS NULL), COALESCE(user_id, 0),"
        " COALESCE(team_id, 0), COALESCE(product_id, 0), COALESCE(partner_id, 0), is_overlay)",
        "This part of the document is booked already.")
    _once_unique = models.UniqueIndex(
        "(once_key, (reversal_of_id IS NULL), COALESCE(user_id, 0), COALESCE(team_id, 0), is_overlay)"
        " WHERE once_key IS NOT NULL",
        "This fact is booked already.")
    _reversal_unique = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL", "This entry is reversed already.")

    #=== COMPUTE METHODS ===#

    @api.depends('res_model', 'res_id')
    def _compute_document_name(self):
        """Name the documents that the user may read himself."""
        for model, entries in self.grouped('res_model').items():
            documents = (
                self.env[model].browse(set(entries.mapped('res_id'))).exists()._filtered_access('read')
                if model in self.env else [])
            names = {document.id: document.display_name for document in documents}
            for entry in entries:
                entry.document_name = names.get(entry.res_id, False)

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Override to let only the server book. Use :meth:`_book`.

        :raise AccessError: for every other caller, the superuser too
        """
        if not granted(self.browse(), 'attainment.book'):
            raise AccessError(self.env._(
                "Attainment entries are booked from documents. Correct the document; the book follows."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: entries never change.

        :raise AccessError: always
        """
        raise AccessError(self.env._(
            "Attainment entries cannot be changed. Correct the document; the book follows with a mirror entry."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._(
            "Attainment entries cannot be deleted. Correct the document; the book follows with a mirror entry."))

    #=== ACTION METHODS ===#

    def action_open_source(self):
        """Open the document of an entry.

        :raise UserError: if it does not exist any more
        :raise AccessError: if the user may not read the document
        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        document = self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else None
        if not document:
            raise UserError(self.env._("The document of this entry does not exist any more."))
        document.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'res_model': document._name,
            'res_id': document.id,
            'views': [(False, 'form')],
        }

    #=== BUSINESS METHODS ===#

    @api.model
    def _is_booking(self):
        """Tell whether the area is switched on in this database."""
        return self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_quota')

    @api.model
    def _book_orders(self, ids, redate=False):
        """Bring the book up to date for orders, in one statement.

        :param list ids: ids of `sale.order` records; those that are not confirmed have no facts
        :param bool redate: whether booked orders may move to another day
        """
        self._execute_booking(
            source_order.SOURCES, source_order.order_source(ids, self._sql_order_channel(), redate), ids)

    @api.model
    def _book_invoices(self, ids):
        """Bring the book up to date for customer invoices, in one statement for their lines and one for new customers.

        :param list ids: ids of `account.move` records; those that are not posted have no facts
        """
        hooks = {
            'is_sale': self._sql_is_sale(),
            'is_agent': self._sql_is_agent_line(),
            'commission': self._sql_agent_commission(),
            'channel': self._sql_invoice_line_channel(),
            'cost': self._sql_product_cost(),
        }
        moves = self.env['account.move'].sudo().browse(ids)
        costs = json.dumps(self._get_default_costs(moves.company_id))
        self._execute_booking(source_invoice.SOURCES, source_invoice.invoice_source(ids, hooks, costs), ids)

    @api.model
    def _book_customers(self, moves):
        """Book who became a customer by one of these invoices or is none any more.

        :param moves: `account.move` records
        """
        pairs = {(move.company_id.id, move.commercial_partner_id.id) for move in moves.sudo()
                 if move.move_type == 'out_invoice' and move.commercial_partner_id}
        if pairs:
            self._book_customer_pairs(*zip(*sorted(pairs), strict=True))

    @api.model
    def _book_customer_pairs(self, companies, partners):
        """Book which invoice made customers of partners, and mirror what does not hold any more.

        :param companies: ids of the companies, parallel to ``partners``
        :param partners: ids of the commercial partners
        """
        self.env.cr.execute(source_invoice.customers_sql(list(companies), list(partners), self.env.uid))

    @api.model
    def _follow_partner(self, model, ids):
        """Book documents on the customer they now have. New customers are booked by :meth:`_book_customer_pairs`.

        :param str model: ``'sale.order'`` or ``'account.move'``
        :param list ids: ids of the documents
        """
        if model == 'sale.order':
            sources = source_order.SOURCES
            partners = SQL(
                """SELECT so.id AS res_id, cp.commercial_partner_id AS partner_id
                     FROM sale_order so JOIN res_partner cp ON cp.id = so.partner_id WHERE so.id = ANY(%s)""", list(ids))
        else:
            sources = source_invoice.SOURCES
            partners = SQL(
                "SELECT am.id AS res_id, am.commercial_partner_id AS partner_id FROM account_move am WHERE am.id = ANY(%s)",
                list(ids))
        condition = SQL(
            "e.res_model = %s AND e.metric_id IN (SELECT id FROM sales_metric WHERE code = ANY(%s))", model,
            [*source_order.CODES, *source_invoice.CODES, *source_payment.CODES])
        self._flush_sources(sources)
        self.env.cr.execute(follow_partner_sql(condition, partners, self.env.uid))

    @api.model
    def _book_payments(self, ids):
        """Bring the book up to date for the cash matched with invoices, in one statement.

        :param list ids: ids of the invoices, `account.move` records
        """
        self._execute_booking(
            source_payment.SOURCES, source_payment.payment_source(ids, self._sql_invoice_channel()), ids)

    @api.model
    def _book_leads(self, ids):
        """Bring the book up to date for opportunities: mirrors for what changed, then what was decided.

        :param list ids: ids of `crm.lead` records
        """
        self._flush_sources(source_lead.SOURCES)
        self.env.cr.execute(reverse_sql(source_lead.changed_lead(ids), self.env.uid))
        self._execute_booking({}, source_lead.lead_source(ids), ids)

    @api.model
    def _book(self, vals_list):
        """Book facts that have no statement of their own: visits, ratings, shares of a market.

        A part of a document that is booked with the same figures already is left alone; with other
        figures it is mirrored first.

        :param list[dict] vals_list: ``metric`` (`sales.metric` or its code) and ``record`` (the
            document); optionally ``line_id`` (part of the document), ``date`` (today in the time zone of
            the company), ``company``, ``user``, ``team`` (records; of the document or the user),
            ``partner``, ``product`` (records), ``channel``, ``value`` (1.0), ``quantity``, ``amount``,
            ``share`` (percent, the figures are after it) and ``is_overlay``
        :return: the new entries, in sudo mode
        """
        Entry = grant(self.sudo(), 'attainment.book')
        if not self._is_booking():
            return Entry.browse()
        metrics = {metric.code: metric for metric in self.env['sales.metric'].sudo().search([])}
        prepared = [
            self._prepare_entry(metric, fact) for fact in vals_list
            if (metric := metrics.get(fact['metric'] if isinstance(fact['metric'], str) else fact['metric'].code))
        ]
        known = self._get_live_parts(prepared)
        new = []
        for vals in prepared:
            live, run = known.get(self._get_part_key(vals), (Entry.browse(), 0))
            if len(live) == 1 and all(
                    not float_compare(live[name], vals[name], precision_digits=4) for name in ('value', 'quantity', 'amount')):
                continue
            if live:
                self._reverse(vals['res_model'], [vals['res_id']], [vals['res_line_id']],
                              self.env['sales.metric'].sudo().browse(vals['metric_id']).mapped('code'))
            new.append({**vals, 'run': run + 1})
        return Entry.create(new).with_env(self.sudo().env)

    def _prepare_entry(self, metric, fact):
        """Return the values of an entry, with what is frozen at booking."""
        record = fact['record'].sudo()
        company = fact.get('company') or ('company_id' in record and record.company_id) or self.env.company
        user = fact['user'] if 'user' in fact else ('user_id' in record and record.user_id) or self.env['res.users']
        team = fact['team'] if 'team' in fact else ('team_id' in record and record.team_id) or user.sudo().sale_team_id
        product = (fact.get('product') or self.env['product.product']).sudo()
        date = fields.Date.to_date(fact.get('date')) or self._get_today(company)
        return {
            'metric_id': metric.id,
            'date': date,
            'year': f'{date:%Y}',
            'month_of_year': f'{date:%m}',
            'company_id': company.id,
            'user_id': user.id,
            'team_id': team.id,
            'region_path': team.sudo().parent_path,
            'channel': fact.get('channel'),
            'partner_id': fact['partner'].sudo().commercial_partner_id.id if fact.get('partner') else False,
            'product_id': product.id,
            'product_category_id': product.categ_id.id,
            'value': fact.get('value', 1.0),
            'quantity': fact.get('quantity', 0.0),
            'amount': fact.get('amount', 0.0),
            'share': fact.get('share', 100.0),
            'is_overlay': fact.get('is_overlay', False),
            'res_model': record._name,
            'res_id': record.id,
            'res_line_id': fact.get('line_id', 0),
        }

    @api.model
    def _get_today(self, company):
        """Return the day in the time zone of a company.

        :param company: `res.company` record
        :rtype: date
        """
        tz = company.sudo().partner_id.tz or company.sudo().resource_calendar_id.tz or 'UTC'
        return fields.Date.context_today(self.with_context(tz=tz))

    def _get_part_key(self, vals):
        return (vals['metric_id'], vals['res_model'], vals['res_id'], vals['res_line_id'],
                vals['user_id'] or None, vals['is_overlay'])

    def _get_live_parts(self, vals_list):
        """Return ``{part key: (live entries, last run)}`` for the parts of documents that are about to be booked."""
        parts = {}
        domain = Domain.OR(
            Domain('res_model', '=', model) & Domain('res_id', 'in', {v['res_id'] for v in vals_list if v['res_model'] == model})
            for model in {vals['res_model'] for vals in vals_list})
        entries = self.sudo().search(domain & Domain('metric_id', 'in', {vals['metric_id'] for vals in vals_list}))
        mirrored = entries.reversal_of_id
        for entry in entries:
            key = (entry.metric_id.id, entry.res_model, entry.res_id, entry.res_line_id, entry.user_id.id or None,
                   entry.is_overlay)
            live, run = parts.get(key, (self.sudo().browse(), 0))
            if not entry.reversal_of_id and entry not in mirrored:
                live |= entry
            parts[key] = (live, max(run, entry.run))
        return parts

    @api.model
    def _reverse(self, res_model, res_ids, line_ids=None, codes=None):
        """Take back what is booked for documents, by mirror rows with the dates of the rows they mirror.

        :param str res_model: model of the documents
        :param list res_ids: ids of the documents
        :param list line_ids: only these parts of the documents
        :param codes: only the metrics with these codes
        """
        condition = SQL("e.res_model = %s AND e.res_id = ANY(%s)", res_model, list(res_ids))
        if line_ids is not None:
            condition = SQL("%s AND e.res_line_id = ANY(%s)", condition, list(line_ids))
        if codes is not None:
            condition = SQL(
                "%s AND e.metric_id IN (SELECT id FROM sales_metric WHERE code = ANY(%s))", condition, list(codes))
        self.env.cr.execute(reverse_sql(condition, self.env.uid))

    @api.model
    def _get_booked(self, res_model, res_ids):
        """Return which documents are or were in the book: credit that was booked once is shared anew only by consent.

        :param str res_model: model of the documents
        :param res_ids: ids of the documents
        :rtype: set[int]
        """
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT e.res_id FROM sales_attainment_entry e
                WHERE e.res_model = %s AND e.res_id = ANY(%s)""", res_model, list(res_ids)))
        return {row[0] for row in rows}

    def _execute_booking(self, sources, source, ids):
        self._flush_sources(sources)
        self.env.cr.execute(book_sql(source, list(ids), self.env.uid))

    def _flush_sources(self, sources):
        self.env['sales.metric'].flush_model(['active', 'code'])
        for model, names in sources.items():
            self.env[model].flush_model(names)

    #=== EXTENSION POINTS ===#

    @api.model
    def _sql_is_agent_line(self):
        """Return SQL that tells whether an invoice line ``l`` of the move ``am`` is sold on behalf of somebody else."""
        return SQL("FALSE")

    @api.model
    def _sql_is_sale(self):
        """Return SQL that tells whether an invoice line ``l`` of the move ``am`` in the company ``c`` counts as a sale."""
        return SQL("TRUE")

    @api.model
    def _sql_agent_commission(self):
        """Return SQL for our commission on an agent line ``l``, in company currency, negative on a credit note."""
        return SQL("0::numeric")

    @api.model
    def _sql_order_channel(self):
        """Return SQL for the channel of the order ``so``."""
        return SQL("NULL::varchar")

    @api.model
    def _sql_invoice_line_channel(self):
        """Return SQL for the channel of the invoice line ``l`` of the move ``am``."""
        return SQL("NULL::varchar")

    @api.model
    def _sql_invoice_channel(self):
        """Return SQL for the channel of the invoice ``am`` as a whole."""
        return SQL("NULL::varchar")

    @api.model
    def _sql_product_cost(self):
        """Return SQL for the cost of a unit of the product ``pp`` of the line ``l`` of the move ``am``, or NULL."""
        return SQL("(pp.standard_price->>(am.company_id::text))::numeric")

    def _get_default_costs(self, companies):
        """Return the cost of products without one of their own, by company id as text."""
        Product = self.env['product.product']
        return {
            str(company.id): Product._fields['standard_price'].get_company_dependent_fallback(
                Product.with_company(company)) or 0.0
            for company in companies
        }
