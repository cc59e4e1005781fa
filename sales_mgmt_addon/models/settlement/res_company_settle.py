from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    settlement_auto_post = fields.Boolean(
        string="Post Statements Automatically", groups='base.group_user',
        help="Otherwise statements wait as drafts for the settlement officer.")
    settlement_mail = fields.Boolean(
        string="Send Statements to Sellers", default=True, groups='base.group_user',
        help="Posted statements go to the seller by e-mail with their PDF.")
    settlement_accrue = fields.Boolean(
        string="Accrue Commissions at Month End", groups='base.group_user',
        help="Commissions that no statement has invoiced yet are booked at the end of the month and reversed the next day.")
    settlement_user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible for Settlements", groups='base.group_user',
        help="Gets a task for each draft that waits and for each seller who could not be settled.")
