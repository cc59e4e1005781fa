from odoo import fields, models


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
        comodel_name='res.partner', string="Customer", readonly=True, ondelete='restrict', index='btree_not_null',
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
        string="Overlay", readonly=True, help="Counts for the person, but in no sum of a team or the company.")
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field='res_model', required=True, readonly=True, aggregator=None)
    res_line_id = fields.Integer(
        string="Line ID", readonly=True, default=0, aggregator=None,
        help="The line, payment matching or other part of the document; 0 for the document as a whole.")
    run = fields.Integer(
        string="Run", readonly=True, default=1, aggregator=None,
        help="Counts how often the same part of a document was booked.")
    reversal_of_id = fields.Many2one(
        comodel_name='sales.attainment.entry', string="Reversal Of", readonly=True, ondelete='restrict')

    _period_idx = models.Index("(company_id, metric_id, date)")
    _user_idx = models.Index("(user_id, metric_id, date)")
    _source_idx = models.Index("(res_model, res_id)")
    _reversal_unique = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL", "This entry is reversed already.")
