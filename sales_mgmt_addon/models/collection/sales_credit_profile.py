from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from .dunning import flush_dunning_sources, stops_sql


class SalesCreditProfile(models.Model):
    """Supply that dunning stops, beside and independent of the hold that people set by hand."""

    _inherit = 'sales.credit.profile'

    dunning_hold_date = fields.Date(
        string="Stopped by Dunning", readonly=True, index='btree_not_null',
        help="Since this day new orders and deliveries wait, because of items that were dunned at a level that stops "
             "supply. It ends when they are paid.")
    dunning_hold_level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Stopped at Level", readonly=True, index='btree_not_null',
        ondelete='restrict')
    dunning_pause_until = fields.Date(
        string="No Dunning Until", readonly=True, index='btree_not_null', tracking=True,
        help="Until this day the customer gets no dunning letters.")
    dunning_pause_reason = fields.Char(string="Why No Dunning", readonly=True)
    dunning_letter_count = fields.Integer(string="Dunning Letters", compute='_compute_dunning_letter_count')

    #=== COMPUTE METHODS ===#

    def _compute_dunning_letter_count(self):
        groups = self.env['sales.dunning.letter']._read_group(
            [('partner_id', 'in', self.partner_id.ids), ('state', '=', 'sent')], ['partner_id', 'company_id'], ['__count'])
        counts = {(partner, company): count for partner, company, count in groups}
        for profile in self:
            profile.dunning_letter_count = counts.get((profile.partner_id, profile.company_id), 0)

    #=== ACTION METHODS ===#

    def action_view_dunning(self):
        """Open the dunning letters of the customer."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_dunning_letter_action')
        action['domain'] = [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        action['context'] = {}
        return action

    def action_pause_dunning(self):
        """Open the question until when and why the customer gets no dunning letters.

        :return: window action on the wizard
        """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Pause Dunning"),
            'res_model': 'sales.dunning.pause',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_profile_id': self.id},
        }

    def action_charge_dunning(self):
        """Put the open fees and interest of the customer on draft invoices. Needs the right to make invoices.

        :raise AccessError: unless the user may make invoices and read the profile
        :raise UserError: if there is nothing to charge
        :return: window action on the invoices
        """
        self.ensure_one()
        self.check_access('read')
        letters = self.env['sales.dunning.letter'].search([
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'sent')])
        return self.env['sales.dunning.charge']._charge(letters)

    def _pause_dunning(self, until, reason):
        """Let the customer have no dunning letters for a time.

        :param date until: last day of the pause; ``False`` ends it
        :param str reason: why
        :raise AccessError: unless the user is a credit controller
        """
        self.ensure_one()
        self.check_access('read')
        if not self.env.su and not self.env.user.has_group('sales_mgmt_addon.group_credit_controller'):
            raise AccessError(self.env._("Only a credit controller can pause the dunning of a customer."))
        self._change_terms({'dunning_pause_until': until, 'dunning_pause_reason': reason if until else False})

    #=== BUSINESS METHODS - STOP OF SUPPLY ===#

    def _sync_dunning_holds(self, partners=None):
        """Bring the holds of dunning in line with the items that are open now: place and lift them.

        :param partners: commercial partners; all if ``None``
        """
        self._lift_dunning_holds(partners)
        self._place_dunning_holds(partners)

    def _lift_dunning_holds(self, partners=None):
        """Lift the holds of dunning that have no reason any more, and have waiting orders checked again.

        :param partners: commercial partners; all if ``None``
        """
        domain = [('dunning_hold_date', '!=', False)]
        if partners is not None:
            domain += [('partner_id', 'in', partners.ids)]
        held = self.sudo().search(domain, order='id')
        if not held:
            return
        stops = held._get_dunning_stops(held.partner_id)
        lifted = held.filtered(lambda profile: (profile.partner_id.id, profile.company_id.id) not in stops)
        for profile in lifted:
            profile._change_terms({'dunning_hold_date': False, 'dunning_hold_level_id': False})
            profile.message_post(body=self.env._("Supply is free again: what dunning stopped it for is settled."))
        if lifted:
            self.env.ref('sales_mgmt_addon.ir_cron_gate_recheck').sudo()._trigger()

    def _place_dunning_holds(self, partners=None):
        """Place the holds of dunning that are missing, or whose level has risen; the day of a hold stays.

        :param partners: commercial partners; all if ``None``
        """
        stops = self._get_dunning_stops(partners)
        if not stops:
            return
        today = fields.Date.context_today(self)
        for company_id in {company_id for _partner_id, company_id in stops}:
            company = self.env['res.company'].sudo().browse(company_id)
            customers = self.env['res.partner'].sudo().browse(
                partner_id for partner_id, of_company in stops if of_company == company_id)
            for partner, profile in self._get_for(customers, company).items():
                level_id = stops[partner.id, company_id]['level_id']
                if profile.dunning_hold_date and profile.dunning_hold_level_id.id == level_id:
                    continue
                profile._change_terms({
                    'dunning_hold_date': profile.dunning_hold_date or today, 'dunning_hold_level_id': level_id})
                profile.message_post(body=self.env._(
                    "Supply is stopped by dunning level %(level)s.", level=profile.dunning_hold_level_id.name))

    def _get_dunning_stops(self, partners=None):
        """Return what stops the supply of customers.

        :param partners: commercial partners; all if ``None``
        :return: ``level_id`` and ``amount`` (open, company currency) per (customer id, root company id)
        :rtype: dict
        """
        if partners is not None and not partners:
            return {}
        flush_dunning_sources(self.env)
        rows = self.env.execute_query_dict(stops_sql(partners.ids if partners is not None else None))
        return {(row['partner_id'], row['company_id']): row for row in rows}

    #=== BUSINESS METHODS - CHECKS ===#

    def _prepare_checks(self, facts, addition, ceiling):
        return {**super()._prepare_checks(facts, addition, ceiling), 'credit_dunning': self._reason_dunning}

    def _reason_dunning(self):
        if not self.dunning_hold_date:
            return None
        stop = self._get_dunning_stops(self.partner_id).get((self.partner_id.id, self.company_id.id))
        amount = self.currency_id.round(float(stop['amount'])) if stop else 0.0
        return self.env._(
            "Stopped by dunning since %(date)s (%(level)s): %(amount)s is to be paid first",
            date=format_date(self.env, self.dunning_hold_date), level=self.dunning_hold_level_id.name,
            amount=self._format(amount)), amount

    def _get_summary(self, addition=0.0):
        lines = super()._get_summary(addition)
        if reason := self._reason_dunning():
            lines.append((self.env._("Dunning"), reason[0]))
        return lines

    #=== CRON METHODS ===#

    @api.model
    def _cron_dunning_holds(self):
        """Correct the holds of dunning where no event did: a payment taken back, a written-off item, another due date."""
        if self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit'):
            self._sync_dunning_holds()
