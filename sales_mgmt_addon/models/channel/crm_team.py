from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='restrict',
        domain="['|', ('company_id', '=', company_id), (not company_id, '=', 1)]", groups='base.group_user',
        help="Channel of the leads and orders of the team, unless they say otherwise.")

    # === CONSTRAINT METHODS === #

    @api.constrains('channel_id', 'company_id')
    def _check_channel_company(self):
        for team in self.sudo():
            if team.company_id and team.channel_id and team.company_id != team.channel_id.company_id:
                raise ValidationError(self.env._(
                    "The channel %(channel)s belongs to another company than the team. Choose one of %(company)s.",
                    channel=team.channel_id.name, company=team.company_id.name))
