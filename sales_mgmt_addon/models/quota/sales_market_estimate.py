from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date

from .inputs import check_numbers


class SalesMarketEstimate(models.Model):
    """What somebody who can be named says the market is worth: a range, never a point."""

    _name = 'sales.market.estimate'
    _description = "Market Estimate"
    _inherit = ['mail.thread']
    _order = 'date_from desc, source_date desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.company)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Region", index='btree_not_null', ondelete='restrict', check_company=True,
        help="The region or team whose market it is; empty for the market of the company.")
    product_category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='restrict')
    date_from = fields.Date(string="From", required=True, tracking=True)
    date_to = fields.Date(string="To", required=True, tracking=True)
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, ondelete='restrict',
        default=lambda self: self.env.company.currency_id)
    low = fields.Monetary(string="At Least", required=True, tracking=True)
    high = fields.Monetary(string="At Most", required=True, tracking=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    company_low = fields.Monetary(
        string="At Least (Company Currency)", compute='_compute_company_amounts', store=True,
        currency_field='company_currency_id', help="At the rate of the day of the source.")
    company_high = fields.Monetary(
        string="At Most (Company Currency)", compute='_compute_company_amounts', store=True,
        currency_field='company_currency_id', help="At the rate of the day of the source.")
    source = fields.Char(
        string="Source", required=True, tracking=True, help="Who says so: the study, the authority, the customer survey.")
    source_date = fields.Date(string="Source of", required=True, tracking=True, help="The day the source was published.")
    url = fields.Char(string="Link")
    note = fields.Text(string="Note", help="How the figures were found, what they contain and what not.")

    _low_high_check = models.Constraint(
        'CHECK (low >= 0 AND high > 0 AND low <= high)',
        "A market is a range: the lower figure must not be negative nor exceed the higher one, which must be positive.")
    _dates_check = models.Constraint('CHECK (date_from <= date_to)', "The period of the estimate ends before it begins.")

    # === COMPUTE METHODS === #

    @api.depends('low', 'high', 'currency_id', 'source_date', 'company_id')
    def _compute_company_amounts(self):
        for estimate in self:
            amounts = [
                estimate.currency_id._convert(amount, company.currency_id, company, estimate.source_date)
                if (company := estimate.company_id) and estimate.currency_id and estimate.source_date else 0.0
                for amount in (estimate.low, estimate.high)
            ]
            estimate.company_low, estimate.company_high = amounts

    # === CONSTRAINT METHODS === #

    @api.constrains('date_from', 'date_to')
    def _check_months(self):
        for estimate in self:
            if estimate.date_from.day != 1 or fields.Date.end_of(estimate.date_to, 'month') != estimate.date_to:
                raise ValidationError(self.env._(
                    "%(estimate)s must cover whole months: from the first day of one to the last day of one.",
                    estimate=estimate.name))

    @api.constrains('currency_id', 'source_date', 'company_id')
    def _check_rate(self):
        for estimate in self:
            company = estimate.company_id.sudo()
            if estimate.currency_id != company.currency_id and not self.env['res.currency.rate'].sudo().search_count([
                ('currency_id', '=', estimate.currency_id.id),
                ('company_id', 'in', (False, company.root_id.id)),
                ('name', '<=', estimate.source_date),
            ], limit=1):
                raise ValidationError(self.env._(
                    "There is no exchange rate of %(currency)s on or before %(date)s. Enter the rate, or give the"
                    " estimate in %(company_currency)s.",
                    currency=estimate.currency_id.name, date=estimate.source_date,
                    company_currency=company.currency_id.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        check_numbers(self, vals_list)
        return super().create(vals_list)

    def write(self, vals):
        check_numbers(self, [vals])
        res = super().write(vals)
        if {'team_id', 'company_id'} & vals.keys():
            # the rules looked at the former region only
            self.check_access('write')
        return res

    # === BUSINESS METHODS === #

    @api.model
    def _get_matching(self, nodes, date_from, date_to):
        """Return the estimate for each node of one plan that has one, by one query.

        An estimate holds for the region or team it names, or for the company if it names none, and for
        the same product category. Persons have no market of their own, and nodes of a customer segment or
        channel are only a part of it. Of several estimates the one with the latest source wins.

        :param nodes: `sales.quota.node` records of one company
        :param date date_from: first day in question
        :param date date_to: last day in question
        :return: ``{node id: sudoed estimate}``
        :rtype: dict
        """
        wanted = defaultdict(list)
        for node in nodes:
            if node.type in ('company', 'region', 'team') and not (node._get_segment() or node.channel):
                team_id = node.team_id.id if node.type != 'company' else False
                wanted[team_id, node.product_category_id.id].append(node.id)
        found = {}
        if not wanted or date_from > date_to:
            return found
        for estimate in self.sudo().search([
            ('company_id', 'in', nodes.company_id.ids), ('date_from', '<=', date_to), ('date_to', '>=', date_from),
        ], order='source_date desc, id desc'):
            for node_id in wanted.pop((estimate.team_id.id, estimate.product_category_id.id), ()):
                found[node_id] = estimate
        return found

    def _get_market(self, date_from, date_to):
        """Return the part of the estimate that falls into a period, by days, in company currency.

        :return: low and high amount, and the first days of the months it shares with the period
        :rtype: tuple[float, float, list]
        """
        self.ensure_one()
        first, last = max(date_from, self.date_from), min(date_to, self.date_to)
        share = ((last - first).days + 1) / ((self.date_to - self.date_from).days + 1)
        months, month = [], first.replace(day=1)
        while month <= last:
            months.append(month)
            month += relativedelta(months=1)
        return self.company_low * share, self.company_high * share, months

    def _prepare_share(self, own, low, high):
        """Return the interval of the market share.

        :param float own: own sales in company currency
        :param float low: the market at least
        :param float high: the market at most
        :return: ``share_low`` and ``share_high`` in % (the latter None if the market may be nothing), ``source``
            with its date, ``estimate_id``
        :rtype: dict
        """
        self.ensure_one()
        return {
            'share_low': own / high * 100.0 if high > 0 else None,
            'share_high': own / low * 100.0 if low > 0 else None,
            'source': self.env._(
                "%(origin)s, %(date)s", origin=self.source, date=format_date(self.env, self.source_date)),
            'estimate_id': self.id,
        }
