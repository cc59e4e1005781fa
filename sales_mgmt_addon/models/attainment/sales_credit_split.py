from odoo import api, fields, models


class SalesCreditSplit(models.Model):
    """One salesperson's share in the credit for an order or an invoice without order."""

    _name = 'sales.credit.split'
    _description = "Credit Split"
    _order = 'is_overlay, share desc, id'
    _rec_name = 'user_id'

    order_id = fields.Many2one(
        comodel_name='sale.order', string="Order", ondelete='cascade', index='btree_not_null')
    move_id = fields.Many2one(
        comodel_name='account.move', string="Invoice", ondelete='cascade', index='btree_not_null')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", compute='_compute_company_id', store=True, precompute=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", required=True, ondelete='restrict', index=True,
        domain="[('share', '=', False)]")
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", compute='_compute_team_id', store=True, readonly=False,
        precompute=True, ondelete='restrict')
    share = fields.Float(string="Share (%)", required=True, default=100.0, digits=(7, 4), aggregator=None)
    is_overlay = fields.Boolean(
        string="Overlay", help="Counts for the person on top of the others, but in no sum of a team or the company.")

    _one_document = models.Constraint(
        'CHECK (num_nonnulls(order_id, move_id) = 1)', "A share belongs to one order or one invoice.")
    _share_range = models.Constraint(
        'CHECK (share > 0 AND share <= 100)', "A share is more than 0 and at most 100 percent.")
    _order_unique = models.UniqueIndex(
        "(order_id, user_id, is_overlay) WHERE order_id IS NOT NULL", "A salesperson has one share in an order.")
    _move_unique = models.UniqueIndex(
        "(move_id, user_id, is_overlay) WHERE move_id IS NOT NULL", "A salesperson has one share in an invoice.")

    #=== COMPUTE METHODS ===#

    @api.depends('order_id.company_id', 'move_id.company_id')
    def _compute_company_id(self):
        for split in self:
            split.company_id = split.order_id.company_id or split.move_id.company_id

    @api.depends('user_id')
    def _compute_team_id(self):
        for split in self:
            split.team_id = split.user_id.sudo().sale_team_id or split.order_id.team_id or split.move_id.team_id
