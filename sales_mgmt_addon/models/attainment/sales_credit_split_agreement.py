from odoo import fields, models


class SalesCreditSplitAgreement(models.Model):
    _name = 'sales.credit.split.agreement'
    _description = "Agreement to a Credit Split"
    _order = 'id'
    _rec_name = 'user_id'

    change_id = fields.Many2one(
        comodel_name='sales.credit.split.change', string="Change", required=True, ondelete='cascade', index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="User", required=True, readonly=True, ondelete='restrict', index=True)
    state = fields.Selection(
        selection=[('waiting', "Waiting"), ('agreed', "Agreed"), ('refused', "Refused")],
        string="Answer", required=True, readonly=True, default='waiting')
    reason = fields.Text(string="Reason", readonly=True)
    decided_on = fields.Datetime(string="Answered On", readonly=True)

    _user_unique = models.Constraint('UNIQUE (change_id, user_id)', "Everybody is asked once.")
