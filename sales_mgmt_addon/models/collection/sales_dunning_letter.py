import base64
import logging
from collections import defaultdict

from markupsafe import escape
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, email_normalize, format_amount, format_date

from .dunning import balance_sql, flush_dunning_sources, interest_sql, recheck_sql
from .sales_dunning_level import CHANNELS

REPORT = 'sales_mgmt_addon.action_report_dunning_letter'
INVOICE_REPORT = 'account.account_invoices'
ERROR_LENGTH = 200
STATES = [
    ('proposed', "To Check"),
    ('queued', "To Send"),
    ('sent', "Sent"),
    ('failed', "Failed"),
    ('skipped', "Skipped"),
]

_logger = logging.getLogger(__name__)


class SalesDunningLetter(models.Model):
    """A reminder to one customer about all items of a run, in the words of the highest level among them.

    No role may create or write letters: all of it happens here, after the right to do so was checked.
    """

    _name = 'sales.dunning.letter'
    _description = "Dunning Letter"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    run_id = fields.Many2one(
        comodel_name='sales.dunning.run', string="Run", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(related='run_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    address_id = fields.Many2one(
        comodel_name='res.partner', string="Sent To", readonly=True, index='btree_not_null', ondelete='restrict',
        help="The invoice address of the customer, else the customer himself.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Dunning Level", required=True, readonly=True, index=True,
        ondelete='restrict', group_expand=True)
    channel = fields.Selection(selection=CHANNELS, string="Channel", required=True, readonly=True)
    state = fields.Selection(
        selection=STATES, string="Status", required=True, readonly=True, default='proposed', index=True, copy=False,
        group_expand=True)
    reason = fields.Char(string="Why Skipped or Failed", readonly=True, copy=False)
    sent_on = fields.Datetime(string="Sent On", readonly=True, copy=False)
    line_ids = fields.One2many(comodel_name='sales.dunning.line', inverse_name='letter_id', string="Items")
    fee = fields.Monetary(string="Fee", readonly=True, help="Of the level when the letter was proposed.")
    amount = fields.Monetary(string="Dunned Amount", readonly=True, help="Open of all items, in company currency.")
    receipts = fields.Monetary(
        string="Unapplied Receipts", readonly=True,
        help="What the customer paid without its being matched with invoices yet, in company currency.")
    attachment_id = fields.Many2one(
        comodel_name='ir.attachment', string="PDF", readonly=True, copy=False, index='btree_not_null')
    charge_ids = fields.One2many(comodel_name='sales.dunning.charge', inverse_name='letter_id', string="Charges")
    charge_count = fields.Integer(string="Invoices of Fees and Interest", compute='_compute_charge_count')
    text = fields.Html(related='level_id.text', string="Text")
    items_html = fields.Html(string="List of Items", compute='_compute_items_html', sanitize=False)

    _queue_idx = models.Index("(id) WHERE state = 'queued'")

    #=== COMPUTE METHODS ===#

    def _compute_charge_count(self):
        for letter in self:
            letter.charge_count = len(letter._get_charge_invoices())

    @api.depends('line_ids')
    @api.depends_context('lang')
    def _compute_items_html(self):
        """The list of items for e-mail and PDF, in the language of the context."""
        for letter in self:
            letter.items_html = self.env['ir.qweb']._render(
                'sales_mgmt_addon.dunning_letter_items', letter._prepare_items_values())

    def _prepare_items_values(self):
        """Return what the list of items shows: lines, totals and interest per currency. Note: self.ensure_one()"""
        self.ensure_one()
        letter = self.sudo()
        interest = {row['id']: row['open'] for row in letter._get_interest(as_sent=True)}
        totals, due = defaultdict(float), defaultdict(float)
        for line in letter.line_ids:
            totals[line.currency_id] += line.residual
            due[line.currency_id] += interest.get(line.line_id.id, 0.0)
        return {
            'letter': letter,
            'lines': letter.line_ids.sorted(lambda line: (line.date_due, line.id)),
            'earlier': letter._get_earlier_items(),
            'totals': [
                (format_amount(self.env, totals[currency], currency),
                 format_amount(self.env, due[currency], currency) if due[currency] else None)
                for currency in totals],
            'money': lambda amount, currency: format_amount(self.env, amount, currency),
            'date': lambda value: format_date(self.env, value),
        }

    def _get_earlier_items(self):
        """Return what earlier letters dunned the customer for and is overdue still, without what this letter lists.

        :return: dicts with ``line`` (`sales.dunning.line`), ``days`` and ``residual`` (now, not in dispute), oldest first
        :rtype: list[dict]
        """
        self.ensure_one()
        former = self.search([
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'sent'),
            ('id', '<', self.id)])
        if not former:
            return []
        today = fields.Date.context_today(self)
        flush_dunning_sources(self.env)
        rows = [row for row in self.env.execute_query_dict(recheck_sql(former.ids, today)) if not row['obstacle']]
        found = {}
        for row, line in zip(rows, former.line_ids.browse(row['id'] for row in rows), strict=True):
            if line.date_due < today and line.line_id not in self.line_ids.line_id:
                found[line.line_id] = {'line': line, 'days': (today - line.date_due).days, 'residual': float(row['residual'])}
        return sorted(found.values(), key=lambda item: item['line'].date_due)

    #=== ACTION METHODS ===#

    def action_skip(self):
        """Open the question why the letters are not to be sent.

        :return: window action on the wizard
        """
        self._check_controller()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Do Not Send"),
            'res_model': 'sales.dunning.skip',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_letter_ids': [fields.Command.set(self.ids)]},
        }

    def action_send(self):
        """Send letters that are proposed or failed: they wait in the queue, which is worked off in the background.

        :raise AccessError: unless the user is a credit controller
        :raise UserError: if a letter was sent or skipped already
        :return: True
        """
        self._check_controller()
        if closed := self.filtered(lambda letter: letter.state not in ('proposed', 'failed')):
            raise UserError(self.env._("%(letter)s is not waiting to be sent.", letter=closed[0].name))
        self.sudo()._set_state('queued')
        self.env.ref('sales_mgmt_addon.ir_cron_sales_dunning_send').sudo()._trigger()
        return True

    def action_print_instead(self):
        """Print letters that could not be mailed.

        :raise AccessError: unless the user is a credit controller
        :return: True
        """
        self._check_controller()
        waiting = self.filtered(lambda letter: letter.state in ('proposed', 'failed'))
        waiting.sudo().channel = 'letter'
        return self.action_send()

    def action_preview(self):
        """Open the letter as PDF; the one that was sent if there is one.

        :return: action
        """
        self.ensure_one()
        self.check_access('read')
        if self.attachment_id:
            return {'type': 'ir.actions.act_url', 'url': f'/web/content/{self.attachment_id.id}', 'target': 'new'}
        return self.env.ref(REPORT).report_action(self, config=False)

    def action_view_run(self):
        """Open the run of the letter."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'sales.dunning.run', 'res_id': self.run_id.id,
            'views': [(False, 'form')]}

    def action_view_charges(self):
        """Open the invoices on which the fees and the interest of the letter are."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Fees and Interest"),
            'res_model': 'account.move',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', self._get_charge_invoices().ids)],
        }

    def action_charge(self):
        """Put fees and interest on a draft invoice per company and currency. Needs the right to make invoices.

        :raise AccessError: unless the user may make invoices and read the letters
        :raise UserError: if there is nothing to charge, or a letter was not sent
        :return: window action on the invoices
        """
        self.check_access('read')
        return self.env['sales.dunning.charge']._charge(self)

    def _check_controller(self):
        self.check_access('read')
        if not self.env.su and not self.env.user.has_group('sales_mgmt_addon.group_credit_controller'):
            raise AccessError(self.env._("Only a credit controller can dun customers."))

    def _get_charge_invoices(self):
        lines = self.sudo().line_ids.line_id
        charges = self.env['sales.dunning.charge'].sudo().search(
            ['|', ('letter_id', 'in', self.ids), ('line_id', 'in', lines.ids)])
        return charges.move_id

    #=== BUSINESS METHODS - STATE ===#

    def _set_state(self, state, reason=None):
        """Change the state of letters and of their lines in two statements, however many they are.

        :param str state: the new state
        :param str reason: why, for those that are skipped or failed
        """
        if not self.ids:
            return
        self.env['sales.dunning.letter'].flush_model()
        self.env['sales.dunning.line'].flush_model()
        self.env.cr.execute(SQL(
            """
            UPDATE sales_dunning_letter
               SET state = %(state)s, reason = %(reason)s, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC',
                   sent_on = CASE WHEN %(state)s = 'sent' THEN now() AT TIME ZONE 'UTC' ELSE sent_on END
             WHERE id = ANY(%(ids)s)
            """, state=state, reason=reason, uid=self.env.uid, ids=self.ids))
        self.env.cr.execute(SQL(
            "UPDATE sales_dunning_line SET state = %s WHERE letter_id = ANY(%s)", state, self.ids))
        self.invalidate_recordset(['state', 'reason', 'sent_on', 'write_uid', 'write_date'], flush=False)
        self.env['sales.dunning.line'].invalidate_model(['state'], flush=False)

    def _skip(self, reason):
        """Do not send the letters; their items will be proposed again in the next run.

        :param str reason: why
        :raise AccessError: unless the user is a credit controller
        :raise UserError: if a letter was sent already
        """
        self._check_controller()
        if sent := self.filtered(lambda letter: letter.state not in ('proposed', 'queued', 'failed')):
            raise UserError(self.env._("%(letter)s was sent or skipped already.", letter=sent[0].name))
        self.sudo()._set_state('skipped', reason=reason)
        self.run_id._end_if_sent()

    def _fail(self, reason):
        """Note that letters did not reach the customers, and ask their owners to do something about it.

        :param str reason: translated
        """
        self._set_state('failed', reason=reason)
        for letter in self:
            owner = letter._get_owner()
            letter.activity_schedule(
                'mail.mail_activity_data_todo', note=escape(reason), user_id=owner.id,
                summary=self.with_context(lang=owner.lang).env._("Dunning letter not delivered"))
        self.env['sales.credit.profile'].sudo()._lift_dunning_holds(self.partner_id)

    def _get_owner(self):
        """Return who is to act on the letter: the owner of the case, the salesperson, else whoever made the run."""
        self.ensure_one()
        case = self._get_case()
        users = case.user_id, self.user_id, self.run_id.create_uid
        return next((user for user in users if user.active and not user.share), self.run_id.create_uid)

    def _get_case(self):
        return self.env['sales.collection.case'].sudo().search([
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', '!=', 'closed')],
            limit=1)

    def _log_in_case(self):
        """Log the letter in the open case of the customer, if there is one. Note: self.ensure_one()"""
        if case := self._get_case():
            kind, outcome = (self.channel, 'sent') if self.channel in ('mail', 'letter') else ('note', None)
            case._log(kind, outcome, note=self.env._(
                "Dunning letter %(letter)s: %(level)s", letter=self.name, level=self.level_id.name))

    #=== BUSINESS METHODS - SENDING ===#

    def _process(self):
        """Send queued letters one by one; one that cannot be sent fails and does not stop the others.

        State and e-mail, PDF or activity of a letter are written in the same transaction, so that no letter is
        sent twice and none is lost, whenever the server stops.
        """
        for letter in self:
            try:
                with self.env.cr.savepoint():
                    letter._send()
            except OperationalError:
                raise  # another transaction was faster, or the connection is gone: start again later
            except Exception as error:
                _logger.warning("Dunning letter %s could not be sent", letter.name, exc_info=True)
                self.env.invalidate_all(flush=False)
                letter._fail(self.env._("It could not be made: %(error)s", error=str(error)[:ERROR_LENGTH]))

    def _send(self):
        """Send one letter, after a last look at its items. Note: self.ensure_one()"""
        self.ensure_one()
        if not self._recheck():
            return
        if obstacle := self._get_obstacle():
            self._fail(obstacle)
            return
        getattr(self, f'_send_{self.channel}')()
        self._set_state('sent')
        self.env['sales.credit.profile'].sudo()._place_dunning_holds(self.partner_id)
        self._log_in_case()

    def _recheck(self):
        """Take lines out that were paid, contested, promised or taken out of dunning since they were proposed.

        :return: the letters that have something left to dun; the others are skipped
        """
        flush_dunning_sources(self.env)
        rows = self.env.execute_query_dict(recheck_sql(self.ids, fields.Date.context_today(self)))
        dropped, kept = defaultdict(list), defaultdict(list)
        for row in rows:
            (dropped if row['obstacle'] else kept)[row['letter_id']].append(row)
        self._drop_lines(dropped)
        self._update_residuals([row for rows in kept.values() for row in rows])
        paid = self._get_covered()
        going = self.filtered(lambda letter: kept.get(letter.id) and letter not in paid)
        (self - going - paid)._set_state('skipped', reason=self.env._("Nothing of it is due any more."))
        paid._set_state('skipped', reason=self.env._("Receipts that are not matched yet cover all that is due."))
        return going

    def _drop_lines(self, dropped):
        """Delete lines that are not to be dunned any more, and say so on their letters.

        :param dict dropped: rows of the statement per letter id
        """
        if not dropped:
            return
        words = {
            'paid': self.env._("paid or no longer posted"),
            'dispute': self.env._("in dispute"),
            'promise': self.env._("promised"),
            'paused': self.env._("dunning is paused"),
            'later': self.env._("a later reminder was sent"),
        }
        self.env['sales.dunning.line'].browse(row['id'] for rows in dropped.values() for row in rows).unlink()
        for letter in self.filtered(lambda letter: letter.id in dropped):
            letter.message_post(body=self.env._("Left out: %(items)s", items=', '.join(
                f"{row['name']} ({words[row['obstacle']]})" for row in dropped[letter.id])))
            letter._lower_level()

    def _lower_level(self):
        """Speak in the words of the highest level that is left, at its fee and by its channel. Note: self.ensure_one()"""
        level = self.line_ids.sorted('days', reverse=True)[:1].level_id
        if level and level != self.level_id:
            # one that is to be printed instead of mailed stays so
            channel = level.channel if self.channel == self.level_id.channel else self.channel
            self.write({'level_id': level.id, 'fee': level.fee, 'channel': channel})

    def _update_residuals(self, rows):
        """Freeze what is open of each line when it is sent, and the sum of each letter."""
        lines = {line.id: line for line in self.line_ids}
        for row in rows:
            line = lines[row['id']]
            for name in ('residual', 'residual_company'):
                if line[name] != float(row[name]):
                    line[name] = row[name]
        for letter in self:
            amount = letter.currency_id.round(sum(letter.line_ids.mapped('residual_company')))
            if letter.currency_id.compare_amounts(amount, letter.amount):
                letter.amount = amount

    def _get_covered(self):
        """Return the letters whose customers have paid all that is due, without its being matched yet."""
        covered = self.browse()
        for run, letters in self.grouped('run_id').items():
            rows = self.env.execute_query_dict(balance_sql(
                letters.partner_id.ids, run._get_companies().ids, fields.Date.context_today(self)))
            balances = {row['partner_id']: row for row in rows}
            for letter in letters:
                balance = balances.get(letter.partner_id.id, {'claimed': 0.0, 'receipts': 0.0})
                receipts = float(balance['receipts'])
                if letter.currency_id.compare_amounts(receipts, letter.receipts):
                    letter.receipts = receipts
                if receipts > 0 and receipts >= max(float(balance['claimed']), letter.amount):
                    covered += letter
        return covered

    def _get_obstacle(self):
        """Return why the letter cannot be sent by its channel, translated; ``None`` if it can."""
        if self.channel != 'mail':
            return None
        email = self.address_id.email or self.partner_id.email
        if not email:
            return self.env._("%(customer)s has no e-mail address.", customer=self.address_id.display_name)
        if not (normalized := email_normalize(email)):
            return self.env._("%(email)s is no valid e-mail address.", email=email)
        if self.env['mail.blacklist'].sudo().search_count([('email', '=', normalized)], limit=1):
            return self.env._("%(email)s is on the list of addresses that nothing is sent to.", email=email)
        return None

    def _send_mail(self):
        """Queue the e-mail with the letter and its invoices."""
        email = self.address_id.email or self.partner_id.email
        template = self.level_id.template_id or self.env.ref('sales_mgmt_addon.mail_template_dunning_first')
        attachments = self._attach_letter()
        if self.level_id.attach_invoices:
            attachments += self._get_invoice_attachments()
        template.with_context(lang=self._get_lang()).sudo().send_mail(self.id, email_values={
            'email_to': email,
            'recipient_ids': [],
            'attachment_ids': [fields.Command.link(attachment.id) for attachment in attachments],
        })

    def _send_letter(self):
        """Make the PDF that is printed with those of the whole run."""
        self._attach_letter()

    def _send_activity(self):
        """Ask the owner to speak to the customer."""
        self.activity_schedule(
            'mail.mail_activity_data_call', summary=self.level_id.name, user_id=self._get_owner().id,
            note=escape(self.env._(
                "%(amount)s overdue of %(customer)s.", customer=self.partner_id.display_name,
                amount=format_amount(self.env, self.amount, self.currency_id))))

    def _get_lang(self):
        return self.address_id.lang or self.partner_id.lang or self.env.lang

    def _attach_letter(self):
        """Render the letter and keep it on the record.

        :return: `ir.attachment`
        """
        self.ensure_one()
        content, extension = self.env['ir.actions.report'].sudo()._render_qweb_pdf(REPORT, self.ids)
        self.attachment_id = self.env['ir.attachment'].sudo().create({
            'name': f"{self.name.replace('/', '-')}.{extension}",
            'datas': base64.b64encode(content),
            'res_model': self._name,
            'res_id': self.id,
        })
        return self.attachment_id

    def _get_invoice_attachments(self):
        """Return the PDFs of the invoices, rendered when there is none; a failure is noted and costs that PDF only."""
        attachments = self.env['ir.attachment'].sudo()
        missing = []
        for move in self.line_ids.line_id.move_id.sudo():
            if not move.is_invoice():
                continue
            if move.invoice_pdf_report_id:
                attachments += move.invoice_pdf_report_id
                continue
            try:
                with self.env.cr.savepoint():
                    attachments += self._render_invoice(move)
            except OperationalError:
                raise
            except Exception:
                _logger.warning("No PDF of invoice %s for dunning letter %s", move.name, self.name, exc_info=True)
                missing.append(move.name)
        if missing:
            self.message_post(body=self.env._("These invoices could not be attached: %(names)s", names=', '.join(missing)))
        return attachments

    def _render_invoice(self, move):
        content, extension = self.env['ir.actions.report'].sudo()._render_qweb_pdf(INVOICE_REPORT, move.ids)
        return self.env['ir.attachment'].sudo().create({
            'name': f"{move.name.replace('/', '-')}.{extension}",
            'datas': base64.b64encode(content),
            'res_model': self._name,
            'res_id': self.id,
        })

    def _message_receive_bounce(self, email, partner):
        """Override of `mail`: a letter that came back was not delivered."""
        super()._message_receive_bounce(email, partner)
        self.sudo()._note_undelivered(self.env._("The e-mail to %(email)s came back.", email=email))

    def _note_undelivered(self, reason):
        """Note for letters that were sent that they did not arrive."""
        self.filtered(lambda letter: letter.state == 'sent' and letter.channel == 'mail')._fail(reason)

    #=== BUSINESS METHODS - INTEREST ===#

    def _get_interest(self, until=None, as_sent=False):
        """Return the default interest on the items of the letters, see :func:`interest_sql`.

        :param date until: last day that bears interest; today if ``None``
        :param bool as_sent: whether these letters count as sent already
        :return: rows per item with ``interest`` (all since the due date) and ``open`` (not invoiced yet, without that on
            what is in dispute now), rounded once per item in its currency
        :rtype: list[dict]
        """
        lines = self.sudo().line_ids.line_id
        if not lines:
            return []
        flush_dunning_sources(self.env)
        rows = self.env.execute_query_dict(interest_sql(
            lines.ids, until or fields.Date.context_today(self), self.ids if as_sent else ()))
        for row in rows:
            currency = self.env['res.currency'].browse(row['currency_id'])
            row['interest'] = currency.round(float(row['interest']))
            row['open'] = max(currency.round(row['interest'] * float(row['share']) - float(row['charged'])), 0.0)
        return rows

    def _get_charges(self):
        """Return what can be charged for sent letters: their fees, and the interest of their items as far as not in dispute.

        :return: per (customer id, company id, currency id) dicts with ``kind``, ``origin`` (letter), ``line_id`` (of
            interest), ``amount``, ``date_until`` and ``name`` (in the customer's language)
        :rtype: dict
        """
        charges = defaultdict(list)
        today = fields.Date.context_today(self)
        charged = self.env['sales.dunning.charge'].sudo().search([('letter_id', 'in', self.ids), ('kind', '=', 'fee')]).letter_id
        for letter in (self.sudo() - charged).sorted('id'):
            if letter.currency_id.compare_amounts(letter.fee, 0.0) > 0:
                env = letter.with_context(lang=letter._get_lang()).env
                charges[letter.partner_id.id, letter.company_id.id, letter.currency_id.id].append({
                    'kind': 'fee', 'origin': letter.sudo(False), 'amount': letter.fee, 'date_until': today,
                    'name': env._("Dunning fee, letter %(letter)s", letter=letter.name)})
        lines = {line.line_id.id: line for line in self.sudo().line_ids.sorted('id')}
        for row in self._get_interest(today):
            currency = self.env['res.currency'].browse(row['currency_id'])
            if currency.compare_amounts(row['open'], 0.0) <= 0:
                continue
            line = lines[row['id']]
            charges[line.letter_id.partner_id.id, row['company_id'], row['currency_id']].append({
                'kind': 'interest', 'origin': line.letter_id.sudo(False), 'line_id': row['id'], 'amount': row['open'],
                'date_until': today, 'name': line._describe_interest(row, today)})
        return charges

    #=== CRON METHODS ===#

    @api.model
    def _cron_send(self):
        """Work off the queue; killed at any time, it goes on where it was."""
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit'):
            return
        letters = self.search([('state', '=', 'queued')], order='id')
        self.env['ir.cron']._commit_progress(remaining=len(letters))
        runs = letters.run_id
        for letter in letters:
            letter = letter[0].try_lock_for_update()
            letter.invalidate_recordset()
            letter.filtered(lambda one: one.state == 'queued')._process()
            if not self.env['ir.cron']._commit_progress(1):
                break
        runs._end_if_sent()
