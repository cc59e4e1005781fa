from odoo import api, fields, models
from odoo.exceptions import UserError

# Kinds whose figures can be added up over people and months; ratios and scores are averages.
ADDITIVE_KINDS = ('money', 'quantity', 'count')


class SalesMetric(models.Model):
    """What is measured: one row per figure that targets, incentives and scorecards may refer to."""

    _name = 'sales.metric'
    _description = "Sales Metric"
    _order = 'sequence, id'

    name = fields.Char(string="Name", required=True, translate=True)
    code = fields.Char(string="Code", required=True, copy=False, help="How server code and imports call the metric.")
    sequence = fields.Integer(string="Sequence", default=10)
    kind = fields.Selection(
        selection=[
            ('money', "Money"),
            ('quantity', "Quantity"),
            ('count', "Count"),
            ('ratio', "Ratio"),
            ('score', "Score"),
        ],
        string="Kind",
        required=True,
        default='money',
        help="Money, quantities and counts are added up. A ratio is the sum of values over the sum of"
             " quantities, shown in percent; a score is an average.",
    )
    is_additive = fields.Boolean(string="Additive", compute='_compute_is_additive', search='_search_is_additive')
    unit = fields.Char(
        string="Unit", translate=True, help="Shown beside the figures; money has the currency of the company.")
    higher_is_better = fields.Boolean(string="Higher Is Better", default=True)
    source = fields.Selection(
        selection=[
            ('order', "Confirmed orders"),
            ('invoice', "Posted invoices"),
            ('payment', "Reconciled payments"),
            ('lead', "Decided leads"),
            ('estimate', "Market estimates"),
            ('other', "Other"),
        ],
        string="Measured From",
        required=True,
        default='other',
    )
    description = fields.Text(string="Description", translate=True)
    active = fields.Boolean(default=True, help="An archived metric is neither booked nor offered for new plans.")

    _code_unique = models.Constraint('UNIQUE (code)', "There is already a metric with this code.")

    @api.depends('kind')
    def _compute_is_additive(self):
        for metric in self:
            metric.is_additive = metric.kind in ADDITIVE_KINDS

    def _search_is_additive(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return [('kind', 'in' if True in value else 'not in', ADDITIVE_KINDS)]

    #=== CRUD METHODS ===#

    def write(self, vals):
        """Override: the metrics that documents are booked under keep their code and what they are measured from.

        :raise UserError: if one of them would change
        """
        if vals.keys() & {'code', 'kind', 'source'}:
            for metric in self.filtered(lambda metric: metric.source in ('order', 'invoice', 'payment', 'lead')):
                if any(name in vals and vals[name] != metric[name] for name in ('code', 'kind', 'source')):
                    raise UserError(self.env._(
                        "%(metric)s is booked from documents; its code, kind and source stay. Archive it and make"
                        " another metric instead.", metric=metric.name))
        changed = self.filtered(lambda metric: any(name in vals and vals[name] != metric[name] for name in ('code', 'kind')))
        for metric in changed:
            if metric.sudo()._is_in_use():
                raise UserError(self.env._(
                    "%(metric)s has figures or targets; its code and kind stay. Archive it and make another metric"
                    " instead.", metric=metric.name))
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _is_in_use(self):
        """Tell whether there are figures of the metric. Other parts of the add-on add theirs. In sudo mode."""
        self.ensure_one()
        return bool(self.env['sales.attainment.entry'].search_count([('metric_id', '=', self.id)], limit=1))
