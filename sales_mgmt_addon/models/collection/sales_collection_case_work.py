from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...internal import grant
from .const import ACTION_GUARD, HORIZON_DAYS, NEXT_STEPS


class SalesCollectionCase(models.Model):
    """What people do with a case: log contacts, take promises, snooze, place it in the worklist."""

    _inherit = 'sales.collection.case'

    # === ACTION METHODS === #

    def action_log_call(self):
        """Open the dialog that logs a call. Returns a window action."""
        return self._action_log('call')

    def action_log_visit(self):
        """Open the dialog that logs a visit. Returns a window action."""
        return self._action_log('visit')

    def action_log_note(self):
        """Open the dialog that logs something else. Returns a window action."""
        return self._action_log('note')

    def _action_log(self, kind):
        self.ensure_one()
        self._check_may_work()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Log: %(kind)s", kind=dict(
                self.env['sales.collection.action']._fields['kind']._description_selection(self.env))[kind]),
            'res_model': 'sales.collection.log',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_case_id': self.id, 'default_kind': kind},
        }

    def action_promise(self):
        """Open the dialog that takes a promise. Returns a window action."""
        self.ensure_one()
        self._check_may_work()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Promise to Pay"),
            'res_model': 'sales.collection.promise.make',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_case_id': self.id},
        }

    def action_snooze(self):
        """Open the dialog that puts the case aside. Returns a window action."""
        self._check_may_work()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Snooze"),
            'res_model': 'sales.collection.snooze',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_case_ids': [fields.Command.set(self.ids)]},
        }

    def action_unsnooze(self):
        """Take snoozed cases back to the worklist."""
        self._check_may_work()
        snoozed = self.filtered(lambda case: case.state == 'snoozed')
        snoozed._set(self._prepare_wake(fields.Date.context_today(self)))
        return True

    def action_score_order(self):
        """Give up the manual order of these cases; of all that the user works when called on none."""
        cases = self or self.search([('sequence', '!=', 0), ('state', '!=', 'closed')])._filtered_access('write')
        cases._check_may_work()
        cases._set({'sequence': 0})
        return True

    def web_resequence(self, specification, field_name='sequence', offset=0):
        """Override of `web`: a case that is dragged comes first, with those above it; the others stay by score.

        The list sends its page, or a part of it, in the new order. What is in the order of its score at the end needs
        no place; all above it are placed, so that the list looks as the user left it, and new cases sort in below.
        """
        if field_name != 'sequence':
            return super().web_resequence(specification, field_name, offset)
        self._check_may_work()
        cases = self._get_placed_order()
        keys = [(-case.score, case.id) for case in cases]
        placed = len(keys)
        while placed and (placed == len(keys) or keys[placed - 1] < keys[placed]):
            placed -= 1
        for index, case in enumerate(cases):
            case._set({'sequence': index - placed if index < placed else 0})
        return self.web_read(specification)

    def _get_placed_order(self):
        """Return these cases with all others that were placed by hand, these ones in their new order."""
        others = self.search([('sequence', '<', 0), ('state', '!=', 'closed')])._filtered_access('write')
        new_order = iter(self)
        return [next(new_order) if case in self else case for case in (self | others).sorted()]

    # === BUSINESS METHODS - LOG === #

    def _log(self, kind, outcome=None, note=None, **vals):
        """Log a contact and set what comes next.

        A snoozed case is taken up again; what the system itself sends, in sudo mode, leaves it asleep, and the score
        to the next refresh.

        :param str kind: a kind of `sales.collection.action`
        :param str outcome: one of its outcomes; not needed for a note
        :param str note: what was said
        :param vals: ``date`` (of the contact, not in the future), ``contact_id``, ``message_id``, ``next_action`` and
            ``next_date``; without a next action the one proposed for the outcome
        :return: the `sales.collection.action`
        :raise AccessError: unless the user is the owner, the salesperson of the customer, a leader above or a credit
            controller
        :raise UserError: for a closed case or values that make no sense
        """
        self.ensure_one()
        self._check_may_work()
        today = fields.Date.context_today(self)
        date = fields.Date.to_date(vals.pop('date', None)) or today
        self._check_log(kind, outcome, note, date, today)
        following = self._prepare_next(kind, outcome, vals.pop('next_action', None), vals.pop('next_date', None))
        case = self.sudo()
        action = grant(self.env['sales.collection.action'].sudo(), ACTION_GUARD).create({
            'case_id': case.id,
            'partner_id': case.partner_id.id,
            'company_id': case.company_id.id,
            'team_id': case.team_id.id,
            'user_id': self.env.uid,
            'date': date,
            'kind': kind,
            'outcome': outcome,
            'note': note,
            'overdue_amount': case.overdue_amount,
            **following,
            **vals,
        })
        if following and not (self.env.su and case.state == 'snoozed'):
            awake = {'state': 'open', 'snooze_until': False, 'snooze_reason': False, 'snoozed_on': False}
            self._set({**following, **(awake if case.state == 'snoozed' else {})})
        self.invalidate_recordset(['last_contact_on', 'action_ids'])
        if not self.env.su:
            self._sync(case.partner_id, case.company_id, opening=False)
        self._post_log(action)
        return action.with_env(self.env)

    def _check_log(self, kind, outcome, note, date, today):
        known = self.env['sales.collection.action']._fields
        if kind not in known['kind'].get_values(self.env) or (
                outcome and outcome not in known['outcome'].get_values(self.env)):
            raise UserError(self.env._("Choose the kind of contact and its outcome from the lists."))
        if kind != 'note' and not outcome:
            raise UserError(self.env._("Say what came of the contact."))
        if kind == 'note' and not (note or '').strip():
            raise UserError(self.env._("An empty note says nothing."))
        if not fields.Date.subtract(today, days=HORIZON_DAYS) <= date <= today:
            raise UserError(self.env._(
                "The contact lies in the future or more than %(days)s days back.", days=HORIZON_DAYS))

    def _prepare_next(self, kind, outcome, next_action=None, next_date=None):
        """Return what comes next: as given, else as proposed for the outcome; a note changes nothing."""
        if kind == 'note' and not next_action and not next_date:
            return {}
        proposed_action, proposed_date = self._propose_next(outcome)
        date = fields.Date.to_date(next_date) or proposed_date
        self._check_next_date(date)
        return {'next_action': next_action or proposed_action, 'next_date': date}

    @api.model
    def _propose_next(self, outcome):
        """Return kind and date of the next action by the outcome of a contact."""
        action, days = NEXT_STEPS.get(outcome, ('call', 3))
        return action, fields.Date.add(fields.Date.context_today(self), days=days)

    def _post_log(self, action):
        """Tell in the chatter what was logged; the mail itself is there already."""
        if action.message_id:
            return
        kinds = dict(action._fields['kind']._description_selection(self.env))
        outcomes = dict(action._fields['outcome']._description_selection(self.env))
        head = ': '.join(text for text in (kinds[action.kind], outcomes.get(action.outcome)) if text)
        if action.contact_id:
            head = f"{head} ({action.contact_id.display_name})"
        body = Markup("<b>%s</b>") % head
        if action.note:
            body += Markup("<br/>%s") % action.note
        self.sudo()._message_log(body=body, author_id=self.env.user.partner_id.id)

    # === BUSINESS METHODS - SNOOZE === #

    def _snooze(self, until, reason):
        """Put cases aside.

        :param date until: the day on which they come back, at most 180 days from now
        :param str reason: why
        :raise AccessError: unless the user works the cases
        :raise UserError: without a reason, or for a day that makes no sense
        """
        self._check_may_work()
        today = fields.Date.context_today(self)
        until = fields.Date.to_date(until)
        reason = reason.strip() if isinstance(reason, str) else ''
        if not reason:
            raise UserError(self.env._("Say why the case can wait."))
        if not until or not today < until <= fields.Date.add(today, days=HORIZON_DAYS):
            raise UserError(self.env._(
                "A case can wait from tomorrow on, for at most %(days)s days.", days=HORIZON_DAYS))
        self._set({
            'state': 'snoozed', 'snooze_until': until, 'snooze_reason': reason, 'snoozed_on': today,
            'next_date': until,
        })
        body = self.env._(
            "Snoozed until %(date)s: %(reason)s", date=format_date(self.env, until), reason=reason)
        self.sudo()._message_log_batch(bodies=dict.fromkeys(self.ids, body), author_id=self.env.user.partner_id.id)

    # === BUSINESS METHODS - MAIL === #

    def _message_receive_bounce(self, email, partner):
        super()._message_receive_bounce(email, partner)
        self._check_bounces()

    @api.model
    def _check_bounces(self):
        """Find e-mails of cases that did not arrive; those cases need a call today."""
        self.env['mail.notification'].flush_model()
        self.env['sales.collection.action'].flush_model()
        rows = self.env.execute_query(SQL(
            """
            SELECT DISTINCT a.id
              FROM sales_collection_action a
              JOIN sales_collection_case k ON k.id = a.case_id AND k.state <> 'closed'
              JOIN mail_notification n ON n.mail_message_id = a.message_id
             WHERE a.delivery_failed IS NOT TRUE AND n.notification_type = 'email'
               AND n.notification_status IN ('bounce', 'exception')
            """))
        actions = self.env['sales.collection.action'].sudo().browse(row[0] for row in rows)
        if not actions:
            return
        actions._mark_undelivered()
        cases = actions.case_id
        cases._set({'next_action': 'call', 'next_date': fields.Date.context_today(self)})
        body = self.env._("The e-mail did not arrive. Call the customer and ask for the right address.")
        cases._message_log_batch(bodies=dict.fromkeys(cases.ids, body))
