from odoo import api, fields, models
from odoo.tools import SQL

from .behaviour import behaviour_sql, flush_behaviour_sources, promises_sql


class SalesCreditProfile(models.Model):
    _inherit = 'sales.credit.profile'

    days_late_avg = fields.Float(
        string="Average Days Late", compute='_compute_behaviour', digits=(16, 1), aggregator=None,
        help="Of payments in the last 24 months, weighted by amount; negative when paid early.")
    late_share = fields.Float(
        string="Paid Late", compute='_compute_behaviour', aggregator=None,
        help="Share of the amount paid in the last 24 months that came after the due date.")
    paid_count = fields.Integer(
        string="Paid Instalments", compute='_compute_behaviour', aggregator=None,
        help="Instalments with a payment in the last 24 months.")
    promise_kept_rate = fields.Float(
        string="Promises Kept", compute='_compute_behaviour', aggregator=None,
        help="Share of the amount promised in the last 24 months that was paid in time.")
    promise_count = fields.Integer(
        string="Promises Judged", compute='_compute_behaviour', aggregator=None,
        help="Promises to pay whose day has come, in the last 24 months.")

    written_off_amount = fields.Monetary(
        string="Written Off", compute='_compute_written_off_amount', aggregator=None,
        help="What was given up, less what was recovered of it.")

    #=== COMPUTE METHODS ===#

    @api.depends('partner_id', 'company_id')
    def _compute_written_off_amount(self):
        rows = self.env['sales.receivable.write.off'].sudo()._read_group(
            [('partner_id', 'in', self.partner_id.ids), ('state', '=', 'booked')], ['partner_id', 'company_id'],
            ['net_loss:sum'])
        losses = {}
        for partner, company, loss in rows:
            losses[partner, company.root_id] = losses.get((partner, company.root_id), 0.0) + loss
        for profile in self:
            profile.written_off_amount = losses.get((profile.partner_id, profile.company_id), 0.0)

    @api.depends('partner_id', 'company_id')
    def _compute_behaviour(self):
        behaviour = self._get_behaviour()
        for profile in self:
            facts = behaviour.get(profile.id, {})
            profile.days_late_avg = facts.get('days_late', 0.0)
            profile.late_share = facts.get('late_share', 0.0)
            profile.paid_count = facts.get('paid_count', 0)
            profile.promise_kept_rate = facts.get('promise_rate', 0.0)
            profile.promise_count = facts.get('promise_count', 0)

    #=== ACTION METHODS ===#

    def action_view_write_offs(self):
        """Open the write-offs of the customer in the company and its branches."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_receivable_write_off_action')
        action['domain'] = [('partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)]
        action['context'] = {'default_partner_id': self.partner_id.id, 'default_company_id': self.company_id.id}
        return action

    #=== BUSINESS METHODS ===#

    def _get_behaviour(self):
        """Override: from the matchings with money and the judged promises, in one statement each.

        Like the exposure of a profile, the figures are those of all documents of the customer, whoever looks.
        """
        profiles = self.filtered('partner_id')
        partner_ids = (profiles.partner_id._origin or profiles.partner_id).ids
        if not partner_ids:
            return super()._get_behaviour()
        flush_behaviour_sources(self.env)
        today = fields.Date.context_today(self)
        paid = {
            (row['partner_id'], row['root_id']): row
            for row in self.env.execute_query_dict(behaviour_sql(today, partner_ids=partner_ids))}
        promised = {
            (row['partner_id'], row['root_id']): row
            for row in self.env.execute_query_dict(self._promise_rates_sql(today, partner_ids))}
        res = {}
        for profile in profiles:
            key = ((profile.partner_id._origin or profile.partner_id).id, profile.company_id._origin.id)
            facts = {}
            if row := paid.get(key):
                facts.update(
                    days_late=float(row['days_late']), late_share=float(row['late_share']), paid_count=row['paid_count'])
            if row := promised.get(key):
                facts.update(promise_count=row['judged'], promise_rate=float(row['rate'] or 0.0))
            res[profile.id] = facts
        return res

    @api.model
    def _promise_rates_sql(self, today, partner_ids):
        return SQL(
            """
            SELECT x.partner_id, x.root_id, COUNT(*) AS judged, SUM(x.kept) / NULLIF(SUM(x.promised), 0) AS rate
              FROM (%s) x
             GROUP BY x.partner_id, x.root_id
            """,
            promises_sql(today, where=SQL("s.partner_id = ANY(%s)", partner_ids)))
