from odoo import api, fields, models
from odoo.tools import format_date

from .const import AREA_GROUP, TODO_ACTIVITY

SIGNAL = 'seller_check_expired'
REMIND_DAYS = 30


class SalesSeller(models.Model):
    """Checks of a seller: made for an application, followed for as long as he sells."""

    _inherit = 'sales.seller'

    check_ids = fields.One2many(
        comodel_name='sales.seller.check', inverse_name='seller_id', string="Checks",
        groups='sales_mgmt_addon.group_channel_manager,sales_mgmt_addon.group_settlement_officer,'
               'sales_mgmt_addon.group_director')
    check_progress = fields.Char(
        string="Checks Done", compute='_compute_check_progress', compute_sudo=True,
        groups='sales_mgmt_addon.group_channel_manager,sales_mgmt_addon.group_settlement_officer,'
               'sales_mgmt_addon.group_director')

    @api.depends('check_ids.state', 'check_ids.accepted_until', 'check_ids.required')
    def _compute_check_progress(self):
        for seller in self:
            required = seller.check_ids.filtered('required')
            done = len(required.filtered(lambda check: check._is_valid()))
            seller.check_progress = f"{done} / {len(required)}" if required else ""

    # === BUSINESS METHODS === #

    def _create_checks(self):
        """Add the checks that the sellers do not have yet, one for each type that concerns them."""
        types = self.env['sales.seller.check.type'].sudo().search([
            ('company_id', 'in', (False, *self.company_id.ids)), ('kind', '!=', 'category')])
        vals_list = []
        for seller in self.sudo():
            mine = types._filter_for(seller.company_id)
            if not seller.vat_registered:
                mine = mine.filtered(lambda one: one.kind != 'vat')
            vals_list += [{'seller_id': seller.id, 'type_id': one.id} for one in mine - seller.check_ids.type_id]
        self.env['sales.seller.check'].sudo().create(vals_list)

    def _review_checks(self):
        """Hold the payouts of sellers whose required checks do not hold any more, and lift it once they do."""
        for seller in self.sudo().filtered(lambda one: one.state in ('approved', 'active', 'suspended')):
            broken = seller.check_ids.filtered(lambda check: check.required and not check._is_valid())
            if broken:
                names = ", ".join(broken.type_id.mapped('name'))
                seller._set_payout_hold(self.env._("Checks that do not hold: %s", names), kind='check')
                seller._report_checks(names)
            elif seller.hold_check:
                seller._lift_payout_hold(kind='check')
                self.env['sales.signal'].sudo().search([
                    ('code', '=', SIGNAL), ('res_model', '=', self._name), ('res_id', '=', seller.id),
                    ('state', '=', 'open')])._expire()

    def _report_checks(self, names):
        self.ensure_one()
        new, _former = self.env['sales.signal']._report({
            'code': SIGNAL,
            'name': self.env._("%(seller)s: checks do not hold any more: %(checks)s", seller=self.name, checks=names),
            'res_model': self._name,
            'res_id': self.id,
            'company_id': self.company_id.id,
            'user_id': self.user_id.id,
            'severity': 'warning',
        })
        if new and self.user_id:
            self.activity_schedule(
                TODO_ACTIVITY, fields.Date.context_today(self), user_id=self.user_id.id,
                summary=self.with_context(lang=self.user_id.lang).env._("Have the checks of the seller renewed"))

    # === CRON METHODS === #

    @api.model
    def _cron_review_checks(self):
        """Hold payouts for expired checks, lift holds, and remind account managers of what expires within a month."""
        if not self.env['res.groups']._is_feature_enabled(AREA_GROUP):
            return
        today = fields.Date.context_today(self)
        running = [('seller_id.state', 'in', ('approved', 'active', 'suspended')), ('required', '=', True)]
        expired = self.env['sales.seller.check'].sudo().search([*running, ('state', '!=', 'waived'), '|',
            ('accepted_until', '<', today), ('state', '=', 'rejected')])
        unknown = self.env['sales.seller.check'].sudo().search(
            [*running, ('state', '=', 'open'), ('accepted_until', '=', False)])
        held = self.sudo().search([('hold_check', '!=', False)])
        sellers = (expired | unknown).seller_id | held
        self.env['ir.cron']._commit_progress(remaining=len(sellers))
        for seller in sellers:
            seller._review_checks()
            if not self.env['ir.cron']._commit_progress(1):
                return
        self._remind_checks(today)

    @api.model
    def _remind_checks(self, today):
        """Schedule one activity for each check that expires within a month."""
        last = fields.Date.add(today, days=REMIND_DAYS)
        for check in self.env['sales.seller.check'].sudo().search([
                ('seller_id.state', 'in', ('approved', 'active', 'suspended')), ('required', '=', True),
                ('state', '=', 'passed'), ('accepted_until', '>=', today), ('accepted_until', '<=', last)]):
            seller = check.seller_id
            env = self.with_context(lang=seller.user_id.lang).env
            summary = env._("%(check)s of the seller expires on %(date)s", check=check.type_id.with_env(env).name,
                            date=format_date(env, check.accepted_until))
            if seller.user_id and summary not in seller.activity_ids.mapped('summary'):
                seller.activity_schedule(TODO_ACTIVITY, check.accepted_until, user_id=seller.user_id.id, summary=summary)
