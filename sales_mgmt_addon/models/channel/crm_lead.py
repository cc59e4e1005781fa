from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", compute='_compute_channel_id', store=True, readonly=False,
        precompute=True, index='btree_not_null', ondelete='restrict', tracking=True, groups='base.group_user',
        domain="['|', ('company_id', '=', company_id), (not company_id, '=', 1)]",
        help="Quotations of the opportunity come through this channel.")

    # === COMPUTE METHODS === #

    @api.depends('team_id')
    def _compute_channel_id(self):
        """Leads come through the channel of their first team, unless somebody says otherwise."""
        for lead in self:
            channel = lead.team_id.channel_id
            if not lead.channel_id and (not lead.company_id or channel.company_id == lead.company_id):
                lead.channel_id = channel

    # === CONSTRAINT METHODS === #

    @api.constrains('channel_id', 'company_id')
    def _check_channel_company(self):
        for lead in self.sudo():
            if lead.company_id and lead.channel_id and lead.company_id != lead.channel_id.company_id:
                raise ValidationError(self.env._(
                    "The channel %(channel)s belongs to another company than the lead. Choose one of %(company)s.",
                    channel=lead.channel_id.name, company=lead.company_id.name))
