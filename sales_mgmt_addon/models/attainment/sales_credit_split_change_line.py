from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .sales_credit_split import SHARE_DIGITS


class SalesCreditSplitChangeLine(models.Model):
    _name = 'sales.credit.split.change.line'
    _description = "Proposed Share"
    _order = 'is_overlay, share desc, id'

    change_id = fields.Many2one(
        comodel_name='sales.credit.split.change', string="Change", required=True, ondelete='cascade', index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", required=True, ondelete='restrict',
        domain="[('share', '=', False)]")
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", compute='_compute_team_id', store=True, readonly=False,
        precompute=True, ondelete='restrict')
    share = fields.Float(string="Share (%)", required=True, digits=(7, SHARE_DIGITS), aggregator=None)
    is_overlay = fields.Boolean(string="Overlay", default=False)

    _share_range = models.Constraint(
        'CHECK (share > 0 AND share <= 100)', "A share is more than 0 and at most 100 percent.")
    _user_unique = models.Constraint(
        'UNIQUE (change_id, user_id, is_overlay)', "A salesperson has one share in a document.")

    @api.depends('user_id')
    def _compute_team_id(self):
        for line in self:
            document = line.change_id.sudo()._get_document()
            line.team_id = line.user_id.sudo().sale_team_id or document.team_id

    @api.constrains('user_id', 'change_id')
    def _check_line(self):
        for line in self:
            if line.change_id.state != 'draft':
                raise UserError(self.env._("A proposal does not change any more. Withdraw it and make another one."))
            user = line.user_id.sudo()
            if user.share or not user.active:
                raise ValidationError(self.env._(
                    "%(user)s is not an active internal user and cannot share in the credit.", user=user.name))
