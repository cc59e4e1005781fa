from odoo import fields, models
from odoo.exceptions import AccessError


class SalesReceivablePackDifference(models.TransientModel):
    """A figure of a pack that the documents would give differently today."""

    _name = 'sales.receivable.pack.difference'
    _description = "Difference of a Receivables Pack"
    _order = 'id'
    _rec_name = 'move_name'

    pack_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Pack", required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='pack_id.currency_id')
    line_id = fields.Many2one(comodel_name='account.move.line', string="Item", readonly=True, ondelete='cascade')
    move_name = fields.Char(string="Document or Total", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True, ondelete='cascade')
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True, ondelete='cascade')
    frozen = fields.Monetary(string="Frozen", readonly=True, aggregator=None)
    current = fields.Monetary(string="By the Documents Now", readonly=True, aggregator=None)
    reason = fields.Selection(
        selection=[
            ('late', "Posted or overdue since"),
            ('changed', "Paid or changed since"),
            ('gone', "Settled, withdrawn or postponed since"),
            ('total', "Total"),
        ],
        string="What Happened", readonly=True)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Differences are only shown."))
        return super().write(vals)
