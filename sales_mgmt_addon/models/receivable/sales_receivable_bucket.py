from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, ormcache

# Far from any real day, so that every day lies in exactly one bucket
NOT_DUE_FROM = -999_999
LAST_DAY = 999_999
FIRST_OVERDUE = 1
DEFAULT_STARTS = (NOT_DUE_FROM, FIRST_OVERDUE, 31, 61, 91)
# These two stay, so that "overdue" begins on the same day for everybody
FIXED_STARTS = (NOT_DUE_FROM, FIRST_OVERDUE)
DAYS_MAX = 9_999
BUCKETS_MAX = 11


class SalesReceivableBucket(models.Model):
    """A range of days overdue by which a company ages its receivables; branches use those of their root company."""

    _name = 'sales.receivable.bucket'
    _description = "Ageing Bucket"
    _order = 'company_id, days_from'

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    days_from = fields.Integer(
        string="Days Overdue From", required=True, aggregator=None,
        help="The bucket holds items from this many days after the due date until the next bucket begins.")
    days_to = fields.Integer(
        string="Until", readonly=True, aggregator=None,
        help="Last day of the bucket, derived from the one that follows.")
    is_not_due = fields.Boolean(compute='_compute_kind')
    is_last = fields.Boolean(compute='_compute_kind')
    is_fixed = fields.Boolean(
        compute='_compute_kind', help="What is not due, and the first bucket of what is overdue, stay as they are.")

    _days_unique = models.UniqueIndex(
        "(company_id, days_from)", "Another ageing bucket of the company begins on this day already.")

    # === COMPUTE METHODS === #

    @api.depends('days_from', 'days_to')
    def _compute_kind(self):
        for bucket in self:
            bucket.is_not_due = bucket.days_from == NOT_DUE_FROM
            bucket.is_fixed = bucket.days_from in FIXED_STARTS
            bucket.is_last = bucket.days_to == LAST_DAY

    @api.depends('days_from', 'days_to')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for bucket in self:
            bucket.display_name = bucket._get_label(bucket.days_from, bucket.days_to)

    @api.model
    def _get_label(self, days_from, days_to):
        """Return the translated name of a range of days overdue."""
        if days_from == NOT_DUE_FROM:
            return self.env._("Not due")
        if days_to == LAST_DAY:
            return self.env._("Over %(days)s days", days=days_from - 1)
        if days_from == days_to:
            return self.env._("Day %(day)s", day=days_from)
        return self.env._("%(first)s–%(last)s days", first=days_from, last=days_to)

    @api.model
    def _search_display_name(self, operator, value):
        if operator not in ('ilike', 'like', '=ilike', 'in') or value is False:
            return NotImplemented
        wanted = [str(text).lower() for text in (value if operator == 'in' else [value])]
        matches = [
            bucket.id for bucket in self.sudo().search([])
            if any(
                name == text if operator == 'in' else text.strip('%') in name
                for text in wanted for name in [bucket.display_name.lower()])
        ]
        return [('id', 'in', matches)]

    # === CONSTRAINT METHODS === #

    @api.constrains('days_from')
    def _check_days_from(self):
        for bucket in self:
            if bucket.days_from not in FIXED_STARTS and not FIRST_OVERDUE < bucket.days_from <= DAYS_MAX:
                raise ValidationError(self.env._(
                    "An ageing bucket begins between day 2 and day %(max)s after the due date.", max=DAYS_MAX))

    @api.constrains('company_id')
    def _check_root_company(self):
        if branches := self.sudo().company_id.filtered('parent_id'):
            raise ValidationError(self.env._(
                "%(branch)s is a branch: it uses the ageing buckets of %(company)s.",
                branch=branches[0].name, company=branches[0].root_id.name))
        counts = self.sudo()._read_group([('company_id', 'in', self.company_id.ids)], ['company_id'], ['__count'])
        if any(count > BUCKETS_MAX for _company, count in counts):
            raise ValidationError(self.env._(
                "A company has %(max)s ageing buckets at most. Delete one first.", max=BUCKETS_MAX))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        buckets = super().create(vals_list)
        buckets.company_id._derive_receivable_buckets()
        return buckets

    def write(self, vals):
        if 'company_id' in vals and any(bucket.company_id.id != vals['company_id'] for bucket in self):
            raise UserError(self.env._("An ageing bucket stays with its company. Create another one instead."))
        if 'days_from' in vals and any(
            bucket.is_fixed and bucket.days_from != vals['days_from'] for bucket in self
        ):
            raise UserError(self.env._(
                "The beginning of this bucket is fixed: overdue begins the day after the due date. "
                "Change the buckets that follow."))
        res = super().write(vals)
        self.company_id._derive_receivable_buckets()
        return res

    def unlink(self):
        companies = self.company_id
        res = super().unlink()
        companies._derive_receivable_buckets()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        if any(bucket.is_fixed for bucket in self):
            raise UserError(self.env._(
                "The buckets for what is not due and for the first days overdue have to stay. "
                "Delete the bucket that follows to make one longer."))

    # === BUSINESS METHODS === #

    @api.model
    def _get_for(self, company):
        """Return the ageing buckets of a company in order, the one of what is not due first.

        :param company: `res.company`; a branch uses those of its root company
        :return: sudoed `sales.receivable.bucket` records
        """
        root = company.sudo().root_id
        buckets = self.sudo().search([('company_id', '=', root.id)], order='days_from')
        if not buckets and root:
            self._create_missing()
            buckets = self.sudo().search([('company_id', '=', root.id)], order='days_from')
        return buckets

    @api.model
    def _create_missing(self):
        """Give the default buckets to each root company without any.

        Not through the ORM, which has no ON CONFLICT: two transactions may do this at the same time.
        """
        self.env['res.company'].flush_model(['parent_id', 'parent_path'])
        self.env.cr.execute(SQL(
            """
            INSERT INTO sales_receivable_bucket (
                company_id, days_from, days_to, create_uid, write_uid, create_date, write_date)
            SELECT c.id, d.days_from, COALESCE(LEAD(d.days_from) OVER (PARTITION BY c.id ORDER BY d.days_from) - 1, %(last)s),
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM res_company c
             CROSS JOIN unnest(%(starts)s) d (days_from)
             WHERE c.parent_id IS NULL
               AND NOT EXISTS (SELECT 1 FROM sales_receivable_bucket b WHERE b.company_id = c.id)
             ORDER BY c.id, d.days_from
                ON CONFLICT (company_id, days_from) DO NOTHING
            """,
            starts=list(DEFAULT_STARTS), last=LAST_DAY, uid=self.env.uid))
        self.invalidate_model()
        self.env.registry.clear_cache()

    @api.model
    @ormcache()
    def _get_limits(self):
        """Return all buckets for server code.

        :return: tuples (ids of a root company and its branches, ((first day, bucket id), …)), last bucket first
        :rtype: tuple
        """
        rows = self.env.execute_query(SQL(
            """
            SELECT ARRAY(SELECT c.id FROM res_company c WHERE c.parent_path LIKE b.company_id || '/%%' ORDER BY c.id),
                   array_agg(days_from ORDER BY days_from DESC), array_agg(id ORDER BY days_from DESC)
              FROM sales_receivable_bucket b
             GROUP BY b.company_id
             ORDER BY b.company_id
            """))
        return tuple((tuple(company_ids), tuple(zip(starts, ids, strict=True))) for company_ids, starts, ids in rows)

    @api.model
    def _bucket_sql(self, company, days):
        """Return the expression of the bucket of an item.

        :param SQL company: id of the company of the item
        :param SQL days: days overdue
        :rtype: SQL
        """
        def bucket_case(limits):
            return SQL("CASE %s END", SQL(" ").join(
                SQL("WHEN %s >= %s THEN %s", days, start, bucket_id) for start, bucket_id in limits))

        limits = self._get_limits()
        if not limits:
            return SQL("NULL::int")
        if len(limits) == 1:
            return bucket_case(limits[0][1])
        return SQL("CASE %s END", SQL(" ").join(
            SQL("WHEN %s = ANY(%s) THEN %s", company, list(company_ids), bucket_case(of_company))
            for company_ids, of_company in limits))
