from datetime import timedelta

from odoo import Command, api, fields, models

from ...internal import grant
from . import facts


class SalesDemo(models.AbstractModel):
    """What was done about the receivables in the last two months: disputes, dunning, cases, packs, losses.

    As with the decisions, every step is taken as the user who would take it and moved back afterwards.
    """

    _inherit = 'sales.demo'

    @api.model
    def _load_receivables(self):
        """Play the work on receivables, once."""
        company = self._company()
        if company.loss_journal_id or not self._is_loaded():
            return
        self = self.with_context(  # noqa: PLW0642
            lang='en_US', tz='Asia/Shanghai', allowed_company_ids=company.ids, install_mode=False)
        today = fields.Date.context_today(self)
        self._set_loss_accounts(company)
        self._contest()
        self._dun(company, today)
        self._work_cases(company, today)
        self._give_up(company, today)
        self._freeze_packs(today)
        self._provide(company, today)

    # === LOSSES === #

    def _set_loss_accounts(self, company):
        """Give the company the accounts of expected loss; the generic chart has none."""
        accounts = {
            name: self.env['account.account'].create({
                'code': code, 'name': title, 'account_type': account_type, 'company_ids': [Command.set(company.ids)]})
            for name, (code, title, account_type) in facts.LOSS_ACCOUNTS.items()
        }
        company.write({
            'loss_journal_id': self.env['account.journal'].search([
                ('type', '=', 'general'), ('code', '=', 'MISC'), ('company_id', '=', company.id)], limit=1).id,
            **{name: account.id for name, account in accounts.items()},
        })
        self.env['sales.receivable.provision.rate'].action_load_defaults()

    def _give_up(self, company, today):
        """One small write-off that is booked and partly recovered, and a high one that waits for its approvals."""
        write_off = self._ask_write_off(
            'user_lin', self._ref('claim_spare_parts'), 'untraceable',
            "The department was dissolved; nobody there knows the order, and a lawyer costs more than it brings.")
        self._approve(write_off, 'user_south', "I was there twice in summer. Agreed.")
        self._approve(write_off, 'user_credit', "Agreed.")
        self._age_write_off(write_off, 20)
        journal = self._bank_journal()
        write_off.sudo()._recover(3000.0, today - timedelta(6), journal=journal)
        oldest = self.env['account.move'].search([
            ('commercial_partner_id', '=', self._ref('partner_jinmen').id), ('payment_state', '!=', 'paid'),
            ('state', '=', 'posted'), ('move_type', '=', 'out_invoice')], order='invoice_date_due, id', limit=1)
        write_off = self._ask_write_off(
            'user_wu', oldest, 'insolvency', "The court has opened the proceedings; the administrator expects no quota.")
        self._approve(write_off, 'user_north', "Sad but true.")
        self._age_write_off(write_off, 2)

    def _ask_write_off(self, user_key, invoice, code, reason):
        items = self._receivable_lines(invoice).filtered(lambda line: not line.reconciled)
        write_off = self._as(user_key, 'sales.receivable.write.off').create({
            'partner_id': invoice.commercial_partner_id.id,
            'company_id': invoice.company_id.id,
            'reason_code': code,
            'reason': reason,
            'line_ids': [Command.create({'line_id': item.id}) for item in items],
        })
        write_off.action_submit()
        return write_off

    def _age_write_off(self, write_off, days):
        self._make_older(write_off, days)

    def _provide(self, company, today):
        """The provision of the last month end, posted by the accountant."""
        provision = self.env['sales.receivable.provision'].create({
            'company_id': company.id, 'date': today.replace(day=1) - timedelta(1)})
        provision.action_post()

    # === DISPUTES AND DUNNING === #

    def _contest(self):
        """Two items are contested; an earlier dispute was settled."""
        for user_key, key, reason, description, days, resolution in facts.DISPUTES:
            item = self._receivable_lines(self._ref(f'claim_{key}'))[:1]
            dispute = self._as(user_key, 'sales.receivable.dispute')._open(item, reason, description)
            if resolution:
                dispute.action_reject(resolution)
            self._make_older(dispute, days)

    def _dun(self, company, today):
        """One run of three weeks ago that was sent, and one of today that somebody has to look at."""
        levels = self.env['sales.dunning.level'].with_company(company)._load_usual_levels(company)
        levels.filtered(lambda level: level.days > 7).write(facts.DUNNING_COSTS)
        sent = self._as('user_credit', 'sales.dunning.run').create({
            'company_id': company.id, 'date': today - timedelta(facts.LAST_DUNNING)})
        sent.action_propose()
        letters = sent.sudo().letter_ids
        letters._set_state('sent')
        self.env['sales.credit.profile'].sudo()._place_dunning_holds(letters.partner_id)
        grant(sent.sudo(), 'dunning.run').write({'state': 'done'})
        for document in (sent, *letters):
            self._make_older(document, facts.LAST_DUNNING)
        self._as('user_credit', 'sales.dunning.run').create({'company_id': company.id}).action_propose()

    # === CASES AND PROMISES === #

    def _work_cases(self, company, today):
        """Calls and promises of the last weeks: kept, kept in part, broken, running; a case that can wait."""
        self.env['sales.collection.case']._sync(company=company)
        cases = self.env['sales.collection.case'].search([('company_id', '=', company.id), ('state', '!=', 'closed')])
        case_of = cases.grouped('partner_id')
        for case in cases:
            self._make_older(case, max(min(case.oldest_overdue_days - 4, 60), 0))
        for user_key, customer, kind, outcome, note, days in facts.CONTACTS:
            case_of[self._ref(f'partner_{customer}')].with_user(self._ref(user_key))._log(
                kind, outcome, note, date=today - timedelta(days))
        promises = self.env['sales.collection.promise'].sudo()
        for user_key, customer, share, made, until, note in facts.PROMISES:
            items = self._get_oldest_items(customer)
            promises += self._as(user_key, 'sales.collection.promise')._make(
                items, round(sum(items.mapped('amount_residual_currency')) * share, 2), today + timedelta(until),
                made_on=today - timedelta(made), note=note).sudo()
        for customer, days in facts.KEPT:
            items = self._get_oldest_items(customer)
            self._match(self._receive([self._prepare_payment(
                self._ref(f'partner_{customer}'), today - timedelta(days), sum(items.mapped('amount_residual')),
                items.move_id.name)]), items.move_id)
        promises._judge(today)
        user_key, customer, days, reason = facts.SNOOZED
        case_of[self._ref(f'partner_{customer}')].with_user(self._ref(user_key))._snooze(
            today + timedelta(days), reason)
        cases._sync(company=company)

    def _get_oldest_items(self, customer):
        """Return the oldest overdue instalment of a customer."""
        return self.env['account.move.line'].search([
            ('partner_id', '=', self._ref(f'partner_{customer}').id), ('reconciled', '=', False),
            ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
            ('date_maturity', '<', fields.Date.context_today(self)), ('balance', '>', 0),
        ], order='date_maturity, id', limit=1)

    # === MONTHLY PACKS === #

    def _freeze_packs(self, today):
        """North has closed two months, the east is commenting, the south has not begun."""
        last = today.replace(day=1) - timedelta(1)
        before = last.replace(day=1) - timedelta(1)
        for day, days_ago in ((before, (today - before).days - 3), (last, max((today - last).days - 3, 0))):
            pack = self._freeze_pack('user_north', 'team_north', day)
            self._comment_pack(pack, facts.PACK_COMMENTS)
            self._coach(pack)
            pack.action_close()
            self._make_older(pack, days_ago)
        pack = self._freeze_pack('user_east', 'team_east', last)
        self._comment_pack(pack, facts.PACK_COMMENTS[:2], lines=2)

    def _freeze_pack(self, user_key, team_key, day):
        pack = self._as(user_key, 'sales.receivable.pack').create({
            'company_id': self._company().id, 'team_id': self._ref(team_key).id, 'date': day})
        pack.action_freeze()
        return pack

    def _comment_pack(self, pack, comments, lines=None):
        """Let the salespeople comment their items in turn with the given comments."""
        to_comment = pack.sudo().line_ids.filtered('needs_comment')[:lines]
        for number, line in enumerate(to_comment):
            code, text = comments[number % len(comments)]
            line.with_user(line.user_id or pack.user_id).write({'reason_code': code, 'comment': text})

    def _coach(self, pack):
        for person in pack.person_ids.filtered('item_count')[:1]:
            person.write({'coaching_note': facts.COACHING_NOTE})
