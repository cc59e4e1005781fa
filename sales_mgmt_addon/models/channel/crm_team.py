from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='restrict',
        domain="['|', ('company_id', '=', company_id), (not company_id, '=', 1)]",
        help="Channel of the leads and orders of the team, unless they say otherwise.")
