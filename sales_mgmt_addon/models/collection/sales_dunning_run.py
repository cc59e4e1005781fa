from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...internal import grant, granted
from .dunning import flush_dunning_sources, propose_sql

SERVER_FIELDS = frozenset({'name', 'state', 'letter_ids', 'automatic'})


class SalesDunningRun(models.Model):
    """One walk through all due instalments of a company: proposes letters, which somebody checks and sends."""

    _name = 'sales.dunning.run'
    _description = "Dunning Run"
    _inherit = ['mail.thread']
    _order = 'date desc, id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]",
        help="Root company. Its branches are dunned with it.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(
        string="Date", required=True, default=fields.Date.context_today, copy=False,
        help="The days overdue are counted until this day.")
    state = fields.Selection(
        selection=[
            ('draft', "New"),
            ('proposed', "To Check"),
            ('sending', "Sending"),
            ('done', "Done"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='draft', tracking=True, index=True, copy=False)
    automatic = fields.Boolean(string="Automatic", readonly=True, copy=False)
    letter_ids = fields.One2many(
        comodel_name='sales.dunning.letter', inverse_name='run_id', string="Letters", copy=False)
    letter_count = fields.Integer(string="Number of Letters", compute='_compute_totals')
    sent_count = fields.Integer(string="Sent Letters", compute='_compute_totals')
    failed_count = fields.Integer(string="Failed Letters", compute='_compute_totals')
    printed_count = fields.Integer(string="Printed Letters", compute='_compute_totals')
    amount = fields.Monetary(string="Dunned Amount", compute='_compute_totals')

    # One at a time: two would propose the same items
    _open_unique = models.UniqueIndex(
        "(company_id) WHERE state IN ('draft', 'proposed', 'sending')",
        "This company has an open dunning run already. Send or cancel it first.")

    #=== COMPUTE METHODS ===#

    @api.depends('letter_ids.state')
    def _compute_totals(self):
        # Amounts of letters that nobody skipped, in company currency
        groups = self.env['sales.dunning.letter']._read_group(
            [('run_id', 'in', self.ids), ('state', '!=', 'skipped')], ['run_id', 'state', 'channel'],
            ['__count', 'amount:sum'])
        for run in self:
            own = [group for group in groups if group[0] == run]
            run.letter_count = sum(count for _run, _state, _channel, count, _amount in own)
            run.sent_count = sum(group[3] for group in own if group[1] == 'sent')
            run.failed_count = sum(group[3] for group in own if group[1] == 'failed')
            run.printed_count = sum(group[3] for group in own if group[1] == 'sent' and group[2] == 'letter')
            run.amount = sum(amount for _run, _state, _channel, _count, amount in own)

    #=== CONSTRAINT METHODS ===#

    @api.constrains('company_id')
    def _check_root_company(self):
        for run in self:
            if run.company_id.sudo().parent_id:
                raise ValidationError(self.env._(
                    "Branches are dunned with their root company. Choose %(company)s.",
                    company=run.company_id.sudo().root_id.name))

    @api.constrains('date')
    def _check_date(self):
        for run in self:
            if run.state == 'draft' and run.date > fields.Date.context_today(run):
                raise ValidationError(self.env._("A dunning run cannot be dated in the future."))

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if SERVER_FIELDS & vals.keys() and not granted(self, 'dunning.run'):
                raise AccessError(self.env._("The state of a dunning run is not entered by hand."))
            company = self.env['res.company'].browse(vals.get('company_id')) or self.env.company.root_id
            # Said here, so that defaults in the context of a client have no say
            vals.update({
                'state': 'draft',
                'automatic': vals.get('automatic', False),
                'name': self.env['ir.sequence'].sudo().with_company(company).next_by_code('sales.dunning.run') or "/",
            })
        return super(SalesDunningRun, grant(self, 'dunning.run')).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not granted(self, 'dunning.run'):
            if SERVER_FIELDS & vals.keys():
                raise AccessError(self.env._("The state of a dunning run changes with its buttons, not by hand."))
            if {'company_id', 'date'} & vals.keys() and any(run.state != 'draft' for run in self):
                raise UserError(self.env._("The letters of this run are proposed. Cancel it to change its date."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if any(run.state != 'draft' for run in self):
            raise UserError(self.env._("A dunning run stays in the history. Cancel it instead."))

    def _set(self, vals):
        """Write what only the server writes, at once: one open run per company is a matter of the database."""
        grant(self.sudo(), 'dunning.run', only_these=True).write(vals)
        self.flush_recordset()

    #=== ACTION METHODS ===#

    def action_propose(self):
        """Propose letters for all that is due, in one statement.

        :raise AccessError: unless the user is a credit controller with access to the company
        :raise UserError: if the run is not new, or the company has no dunning level
        :return: True
        """
        self._check_controller()
        self._propose()
        return True

    def action_send(self):
        """Send what is proposed: the letters wait in the queue, which is worked off in the background.

        :raise AccessError: unless the user is a credit controller with access to the company
        :raise UserError: if nothing is proposed
        :return: True
        """
        self._check_controller()
        self._queue()
        return True

    def action_cancel(self):
        """Skip all letters that were not sent and end the run; their items will be proposed again.

        :raise AccessError: unless the user is a credit controller with access to the company
        :raise UserError: if the run has ended
        :return: True
        """
        self._check_controller()
        for run in self:
            if run.state not in ('draft', 'proposed', 'sending'):
                raise UserError(self.env._("%(run)s has ended already.", run=run.name))
            waiting = run.sudo().letter_ids.filtered(lambda letter: letter.state in ('proposed', 'queued'))
            waiting._set_state('skipped', reason=self.env._("The run was cancelled."))
            sent = run.sudo().letter_ids.filtered(lambda letter: letter.state in ('sent', 'failed'))
            run._set({'state': 'done' if sent else 'cancelled'})
        return True

    def action_print(self):
        """Open one PDF with all sent letters that are to be printed.

        :raise UserError: if there is none
        :return: report action
        """
        self.check_access('read')
        letters = self.letter_ids.filtered(lambda letter: letter.state == 'sent' and letter.channel == 'letter')
        if not letters:
            raise UserError(self.env._("This run has no letters to print."))
        return self.env.ref('sales_mgmt_addon.action_report_dunning_letter').report_action(letters, config=False)

    def action_view_letters(self):
        """Open the letters of the run."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_dunning_letter_action')
        action['domain'] = [('run_id', '=', self.id)]
        action['context'] = {}
        return action

    def _check_controller(self):
        """Let credit controllers pass, for runs of companies they have access to.

        :raise AccessError: for everybody else
        """
        self.check_access('write')
        if not self.env.su and not self.env.user.has_group('sales_mgmt_addon.group_credit_controller'):
            raise AccessError(self.env._("Only a credit controller can dun customers."))

    #=== BUSINESS METHODS ===#

    def _propose(self):
        for run in self:
            if run.state != 'draft':
                raise UserError(self.env._("The letters of %(run)s are proposed already.", run=run.name))
            if not self.env['sales.dunning.level'].sudo().search_count([('company_id', '=', run.company_id.id)], limit=1):
                raise UserError(self.env._(
                    "%(company)s has no dunning levels. Create them first, or load the usual ones.",
                    company=run.company_id.name))
            # First, so that of two parallel clicks one fails and starts again
            run._set({'state': 'proposed'})
            run._insert_letters()

    def _insert_letters(self):
        """Insert the letters of one run. Note: self.ensure_one()"""
        self.ensure_one()
        company = self.company_id.sudo()
        flush_dunning_sources(self.env)
        self.env.execute_query(propose_sql(
            {'id': self.id, 'name': self.name, 'company_id': company.id, 'date': self.date},
            self._get_companies().ids, company.dunning_minimum_amount, self.env.uid))
        self.env['sales.dunning.line'].invalidate_model()
        self.env['sales.dunning.letter'].invalidate_model()
        self.invalidate_recordset(['letter_ids', 'letter_count', 'amount', 'sent_count', 'failed_count', 'printed_count'])

    def _get_companies(self):
        """Return the root company of the run and its branches."""
        return self.env['res.company'].sudo().with_context(active_test=False).search(
            [('id', 'child_of', self.company_id.ids)])

    def _queue(self):
        for run in self:
            if run.state != 'proposed':
                raise UserError(self.env._("%(run)s has no proposed letters.", run=run.name))
            run._set({'state': 'sending'})
            run.sudo().letter_ids.filtered(lambda letter: letter.state == 'proposed')._set_state('queued')
            run._end_if_sent()
        self.env.ref('sales_mgmt_addon.ir_cron_sales_dunning_send').sudo()._trigger()

    def _end_if_sent(self):
        """End runs that have nothing left to send; failed letters are sent again one by one."""
        sending = self.sudo().filtered(lambda run: run.state in ('proposed', 'sending'))
        waiting = self.env['sales.dunning.letter'].sudo()._read_group(
            [('run_id', 'in', sending.ids), ('state', 'in', ('proposed', 'queued'))], ['run_id'])
        if ended := sending - self.browse().sudo().union(*(run for [run] in waiting)):
            ended._set({'state': 'done'})

    #=== CRON METHODS ===#

    @api.model
    def _cron_run(self):
        """Dun the companies that want it done without anybody; one that has an open run is left alone."""
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit'):
            return
        today = fields.Date.context_today(self)
        companies = self.env['res.company'].search([('parent_id', '=', False), ('dunning_automatic', '=', True)])
        taken = self.search([
            ('company_id', 'in', companies.ids),
            '|', ('state', 'in', ('draft', 'proposed', 'sending')), '&', ('automatic', '=', True), ('date', '=', today),
        ]).company_id
        with_levels = self.env['sales.dunning.level'].search([('company_id', 'in', companies.ids)]).company_id
        waiting = companies & with_levels - taken
        self.env['ir.cron']._commit_progress(remaining=len(waiting))
        for company in waiting:
            run = grant(self, 'dunning.run').create({'company_id': company.id, 'automatic': True, 'date': today})
            run._propose()
            run._queue()
            if not self.env['ir.cron']._commit_progress(1):
                break
