from odoo import fields, models
from odoo.tools import format_date


class SalesDunningLine(models.Model):
    """An instalment in a letter: which level it reached, and what was open of it. Made and changed by the server only."""

    _name = 'sales.dunning.line'
    _description = "Dunned Item"
    _order = 'letter_id, date_due, id'

    letter_id = fields.Many2one(
        comodel_name='sales.dunning.letter', string="Letter", required=True, readonly=True, index=True,
        ondelete='cascade')
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", required=True, readonly=True, index=True, ondelete='cascade')
    level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Dunning Level", required=True, readonly=True, index=True,
        ondelete='restrict')
    company_id = fields.Many2one(related='letter_id.company_id', store=True, index=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", required=True, readonly=True)
    state = fields.Selection(related='letter_id.state', store=True, index=True)

    # Frozen when proposed; the open amounts once more when sent
    name = fields.Char(string="Document", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(string="Days Overdue", readonly=True, aggregator=None)
    amount = fields.Monetary(string="Amount", readonly=True, help="In the currency of the item.")
    residual = fields.Monetary(
        string="Open Amount", readonly=True, help="In the currency of the item, without what is in dispute.")
    residual_company = fields.Monetary(
        string="Open in Company Currency", readonly=True, currency_field='company_currency_id')
    days = fields.Integer(string="Days of the Level", readonly=True, aggregator=None)
    interest_rate = fields.Float(string="Interest (% per Year)", readonly=True, digits=(16, 4), aggregator=None)
    stop_supply = fields.Boolean(string="Stops Supply", readonly=True)

    # Never the same level twice for the same item
    _level_unique = models.UniqueIndex(
        "(line_id, level_id) WHERE state <> 'skipped'", "This item has been dunned at this level already.")
    # Serves the hold of supply, which looks at few lines
    _stop_idx = models.Index("(line_id) WHERE state = 'sent' AND stop_supply")

    def _describe_interest(self, row, until):
        """Return the text of an invoice line for interest, in the customer's language.

        :param dict row: as of `sales.dunning.letter._get_interest`
        :param date until: last day
        """
        self.ensure_one()
        env = self.with_context(lang=self.letter_id._get_lang()).env
        return env._(
            "Default interest on %(document)s, %(rate)s %% a year, from %(start)s to %(end)s",
            document=self.name, rate=f"{float(row['rate']):g}", start=format_date(env, row['date_due']),
            end=format_date(env, until))
