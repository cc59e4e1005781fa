from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

from ...models.collection.const import CONTACTS, KINDS, OUTCOMES


class SalesCollectionLog(models.TransientModel):
    """Log a contact with a customer: what was said, what came of it, and what comes next."""

    _name = 'sales.collection.log'
    _description = "Log a Contact"

    case_id = fields.Many2one(
        comodel_name='sales.collection.case', string="Case", required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(related='case_id.partner_id')
    kind = fields.Selection(selection=KINDS, string="Kind", required=True, default='call')
    date = fields.Date(string="Date", required=True, default=fields.Date.context_today)
    outcome = fields.Selection(selection=OUTCOMES, string="Outcome")
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Contact Person", domain="[('id', 'child_of', partner_id)]")
    note = fields.Text(string="Note")
    next_action = fields.Selection(
        selection=CONTACTS, string="Next Action", compute='_compute_next', store=True, readonly=False)
    next_date = fields.Date(
        string="Next Action On", compute='_compute_next', store=True, readonly=False)
    in_calendar = fields.Boolean(
        string="Put the Visit into the Calendar", compute='_compute_in_calendar', store=True, readonly=False)

    @api.constrains('case_id')
    def _check_case(self):
        """A client may name any case."""
        self.case_id.sudo(False).check_access('read')

    @api.depends('outcome')
    def _compute_next(self):
        Case = self.env['sales.collection.case']
        self.case_id.sudo(False).check_access('read')
        for wizard in self:
            if wizard.outcome:
                wizard.next_action, wizard.next_date = Case._propose_next(wizard.outcome)
            else:
                wizard.next_action, wizard.next_date = wizard.case_id.next_action, wizard.case_id.next_date

    @api.depends('next_action')
    def _compute_in_calendar(self):
        for wizard in self:
            wizard.in_calendar = wizard.next_action == 'visit'

    def action_log(self):
        """Log the contact; after a promise or a dispute its dialog follows.

        :return: the dialog of the promise or dispute, else an action that closes this one
        :raise AccessError: unless the user works the case
        :raise UserError: for values that make no sense
        """
        self.ensure_one()
        self.case_id._log(
            self.kind, self.outcome, self.note, date=self.date, contact_id=self.contact_id.id,
            next_action=self.next_action if self._has_next() else None,
            next_date=self.next_date if self._has_next() else None)
        if self.next_action == 'visit' and self.in_calendar:
            self._plan_visit()
        if self.outcome == 'promised' and self.case_id.collectable_amount:
            return self.case_id.action_promise()
        if self.outcome == 'disputed':
            return self.case_id.action_dispute()
        return {'type': 'ir.actions.act_window_close'}

    def _has_next(self):
        """A note may leave the next action as it is, even if its day has passed."""
        return self.kind != 'note' or (
            (self.next_action, self.next_date) != (self.case_id.next_action, self.case_id.next_date))

    def _plan_visit(self):
        """Put an hour at nine o'clock of the owner's day into his calendar."""
        case = self.case_id
        owner = case.user_id or self.env.user
        zone = pytz.timezone(owner.tz or 'UTC')
        start = zone.localize(datetime.combine(self.next_date, time(9))).astimezone(pytz.utc).replace(tzinfo=None)
        partner = self.contact_id or case.partner_id
        self.env['calendar.event'].create({
            'name': self.env._("Visit: %(customer)s", customer=case.partner_id.display_name),
            'start': start,
            'stop': start + timedelta(hours=1),
            'user_id': owner.id,
            'partner_ids': [fields.Command.set((owner.partner_id | partner).ids)],
            'res_model_id': self.env['ir.model']._get_id(case._name),
            'res_id': case.id,
        })
