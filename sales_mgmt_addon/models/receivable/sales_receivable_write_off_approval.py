from odoo import api, fields, models
from odoo.fields import Domain

APPROVAL_KIND = 'write_off'


class SalesReceivableWriteOff(models.Model):
    """What those who decide on a write-off see, which credit decision it goes back to, and what follows."""

    _inherit = 'sales.receivable.write.off'

    #=== FACTS ===#

    @api.depends('facts', 'line_ids.amount_company', 'line_ids.date_due', 'partner_id')
    def _compute_facts_text(self):
        for write_off in self:
            facts = write_off.facts or (write_off.sudo()._get_facts() if write_off.ids else {})
            write_off.facts_text = '\n'.join(
                f"{label}: {text}" for label, text in write_off._describe_facts(facts)) if facts else False

    def _get_facts(self):
        """Return what speaks about the loss. In sudo mode. Note: self.ensure_one()

        :return: ``oldest_days`` (overdue), ``promises`` and ``promises_broken`` (counts), ``promised_broken`` (company
            currency), ``provided`` (part of the amount that the last posted provision expected to lose),
            ``decision`` and ``request`` (names)
        :rtype: dict
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        due = [line.date_due for line in self.line_ids if line.date_due]
        Promise = self.env['sales.collection.promise']
        domain = Domain('partner_id', '=', self.partner_id.id) & Domain('company_id', '=', self.company_id.root_id.id)
        judged = Promise._read_group(
            domain & Domain('state', 'in', ('kept', 'partly', 'broken')), ['state'], ['__count', 'due_company:sum'])
        broken = [row for row in judged if row[0] == 'broken']
        return {
            'oldest_days': max((today - min(due)).days, 0) if due else 0,
            'promises': sum(count for _state, count, _amount in judged),
            'promises_broken': sum(count for _state, count, _amount in broken),
            'promised_broken': sum(amount for _state, _count, amount in broken),
            'provided': self._get_provided(),
            'decision': self.decision_id.display_name or False,
            'request': self.request_id.display_name or False,
        }

    def _get_provided(self):
        """Return what the last posted provision expected to lose of the amount, in company currency."""
        provision = self.env['sales.receivable.provision'].search(
            [('company_id', '=', self.company_id.root_id.id), ('state', '=', 'posted')], order='date desc', limit=1)
        if not provision:
            return 0.0
        own = provision.line_ids.filtered(lambda line: line.partner_id == self.partner_id)
        if own:
            return self.currency_id.round(self.amount_total * own.rate / 100)
        profile = self.env['sales.credit.profile']._get_for(self.partner_id, self.company_id, create=False)[self.partner_id]
        # by the line of the oldest bucket that the item had reached
        matrix = provision.line_ids.filtered(
            lambda line: not line.partner_id and line.credit_class == profile.credit_class).sorted('days_from', reverse=True)
        provided = 0.0
        for line in self.line_ids.filtered('date_due'):
            days = (provision.date - line.date_due).days
            rate = next((rate.rate for rate in matrix if rate.days_from <= days), 0.0)
            provided += line.amount_company * rate / 100
        return self.currency_id.round(provided)

    def _describe_facts(self, facts):
        """Return facts as pairs (translated label, formatted text)."""
        lines = [
            (self.env._("Oldest item"), self.env._("%(days)s days overdue", days=facts['oldest_days'])),
            (self.env._("Broken promises"), self.env._(
                "%(broken)s of %(all)s, %(amount)s", broken=facts['promises_broken'], all=facts['promises'],
                amount=self._format(facts['promised_broken'])) if facts['promises'] else None),
            (self.env._("Provided for"), self._format(facts['provided'])),
            (self.env._("Let pass by"), facts['decision'] or None),
            (self.env._("Terms from"), facts['request'] or None),
        ]
        return [(label, text) for label, text in lines if text]

    def _trace(self):
        """Note which credit decision let the largest item happen. In sudo mode. Note: self.ensure_one()

        That is the last approval of its order and, beside it, the last credit request that was applied before the invoice
        was made.
        """
        self.ensure_one()
        largest = self.line_ids.sorted('amount_company', reverse=True)[:1]
        move = largest.line_id.move_id
        orders = move.invoice_line_ids.sale_line_ids.order_id
        invoiced_on = move.invoice_date or move.date
        decision = self.env['sales.credit.decision'].search([
            ('res_model', '=', 'sale.order'), ('res_id', 'in', orders.ids), ('verdict', '=', 'approve'),
        ], order='decided_on desc, id desc', limit=1)
        request = self.env['sales.credit.request'].search([
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.root_id.id),
            ('state', '=', 'applied'), ('kind', 'in', ('raise', 'temporary', 'policy', 'hold_off')),
            ('applied_on', '<', fields.Datetime.to_datetime(fields.Date.add(invoiced_on, days=1))),
        ], order='applied_on desc, id desc', limit=1)
        item = largest.line_id
        user = move.invoice_user_id or self.partner_id.user_id
        self._set({
            'decision_id': decision.id, 'request_id': request.id, 'user_id': user.id,
            'team_id': (item.move_id.team_id or user.sale_team_id).id})

    #=== APPROVAL SUBJECT ===#

    def _approval_kinds(self):
        return [*super()._approval_kinds(), APPROVAL_KIND]

    def _approval_amount(self, kind):
        return self.amount_total if kind == APPROVAL_KIND else super()._approval_amount(kind)

    def _approval_summary(self, kind):
        codes = dict(self._fields['reason_code']._description_selection(self.env))
        lines = [
            (self.env._("Customer"), self.partner_id.display_name),
            (self.env._("To write off"), self._format(self.amount_total)),
            (self.env._("Items"), ', '.join(
                f"{line.move_name} ({line.currency_id.format(line.amount)})" for line in self.line_ids)),
            (self.env._("Kind of reason"), codes.get(self.reason_code)),
            (self.env._("Evidence"), ', '.join(self.attachment_ids.mapped('name')) or None),
            *self._describe_facts(self.facts or self._get_facts()),
        ]
        return super()._approval_summary(kind) + [(label, text) for label, text in lines if text]

    def _approval_fingerprint(self, kind):
        """What is agreed: which items, how much of each, and what was open of it."""
        return {
            'against': self.against,
            'date': fields.Date.to_string(self.date) if self.date else False,
            'items': sorted(
                [line.line_id.id or 0, line.currency_id.name, f"{line.amount:.6f}",
                 f"{line.line_id.amount_residual_currency:.6f}"]
                for line in self.line_ids),
        }

    def _approval_is_spent(self, kind):
        return self.step == 'booked'

    def _approval_on_approved(self, request):
        super()._approval_on_approved(request)
        self._book()

    def _approval_on_rejected(self, request):
        super()._approval_on_rejected(request)
        self._set({'step': 'rejected'})

    def _approval_on_void(self, request):
        """Its items changed: the author looks at it again."""
        super()._approval_on_void(request)
        self._back_to_draft()

    def _approval_on_cancelled(self, request):
        super()._approval_on_cancelled(request)
        self._back_to_draft()

    def _back_to_draft(self):
        if self.step == 'submitted':
            self._set({'step': 'draft', 'facts': False})

    @api.model
    def _revalidate_items(self, items):
        """Void the approvals asked for items whose residual has changed. In sudo mode.

        :param items: `account.move.line` records
        """
        lines = self.env['sales.receivable.write.off.line'].search(
            [('line_id', 'in', items.ids), ('write_off_id.step', '=', 'submitted')])
        if lines:
            lines.write_off_id._approval_revalidate()
