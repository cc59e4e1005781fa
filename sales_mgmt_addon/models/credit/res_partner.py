from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import granted

CORE_LIMIT_FIELDS = frozenset({'credit_limit', 'use_partner_credit_limit'})


class ResPartner(models.Model):
    _inherit = 'res.partner'

    credit_profile_ids = fields.One2many(
        comodel_name='sales.credit.profile', inverse_name='partner_id', string="Credit Profiles", copy=False,
        readonly=True, groups='base.group_user')
    credit_usage_percent = fields.Float(
        string="Credit Usage (%)", compute='_compute_credit_usage', digits=(16, 1), groups='base.group_user')
    credit_is_limited = fields.Boolean(compute='_compute_credit_usage', groups='base.group_user')
    credit_is_shown = fields.Boolean(compute='_compute_credit_usage', groups='base.group_user')

    #=== COMPUTE METHODS ===#

    @api.depends('commercial_partner_id')
    @api.depends_context('company')
    def _compute_credit_usage(self):
        self.credit_is_limited = False
        self.credit_is_shown = False
        self.credit_usage_percent = 0.0
        if not self._credit_is_active() or not self.env['sales.credit.profile'].has_access('read'):
            return
        Profile = self.env['sales.credit.profile'].sudo()
        profiles = Profile._get_for(self, self.env.company, create=False)
        exposure = Profile.union(*profiles.values())._get_exposure()
        for partner, profile in profiles.items():
            partner.credit_is_shown = True
            partner.credit_is_limited = profile.policy != 'unlimited'
            partner.credit_usage_percent = exposure[profile.id]['usage_percent']

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get(name) for vals in vals_list for name in CORE_LIMIT_FIELDS):
            self._credit_refuse_core_limit()
        return super().create(vals_list)

    def write(self, vals):
        if CORE_LIMIT_FIELDS & vals.keys() and not granted(self, 'credit.mirror'):
            # Contacts only get copies of what their commercial partner has
            commercial = self.sudo().filtered(lambda partner: partner.commercial_partner_id == partner)
            if any(partner[name] != vals[name] for partner in commercial for name in CORE_LIMIT_FIELDS & vals.keys()):
                self._credit_refuse_core_limit()
        return super().write(vals)

    def _credit_refuse_core_limit(self):
        """Odoo's own limit mirrors the credit profile and is not typed.

        :raise UserError: while the area is on
        """
        if self._credit_is_active() and not granted(self, 'credit.mirror'):
            raise UserError(self.env._(
                "The credit limit of a customer follows his credit profile. "
                "Open the customer, choose Credit and ask for a new limit there."))

    #=== ACTION METHODS ===#

    def action_open_credit_profile(self):
        """Open the customer's credit profile in the current company; made on the first call.

        :raise AccessError: if the user may not read the customer or his profile
        :return: window action
        """
        self.ensure_one()
        return self._action_open_credit_profile(self.env.company)

    def _action_open_credit_profile(self, company):
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Credit profiles are internal."))
        self.check_access('read')
        profile = self.env['sales.credit.profile']._get_for(self, company).get(self)
        if not profile:
            raise UserError(self.env._("This contact has no company or person who could owe money."))
        profile.sudo(False).check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sales.credit.profile',
            'res_id': profile.id,
            'views': [(False, 'form')],
        }

    #=== TOOLING ===#

    def _credit_is_active(self):
        """Tell whether the area is switched on in this database."""
        return self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit')
