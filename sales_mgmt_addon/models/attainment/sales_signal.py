from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant, granted

GUARD = 'sales.signal'
CHATTER_PREFIXES = ('activity_', 'message_', 'my_activity_')


class SalesSignal(models.Model):
    """Something that went off course: which record, how far, and whose turn it is.

    Areas report with :meth:`_report` and take back with :meth:`_expire`; nobody writes signals by hand.
    """

    _name = 'sales.signal'
    _description = "Signal"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'state, severity_rank desc, date desc, id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Summary", required=True, readonly=True)
    code = fields.Char(
        string="Code", required=True, readonly=True, index=True,
        help="What kind of deviation it is, for server code: e.g. quota_behind:invoiced.")
    res_model = fields.Char(string="Record Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record ID", model_field='res_model', required=True, readonly=True, aggregator=None)
    severity = fields.Selection(
        selection=[
            ('info', "Information"),
            ('warning', "Warning"),
            ('critical', "Critical"),
        ],
        string="Severity", required=True, readonly=True, default='warning')
    severity_rank = fields.Integer(compute='_compute_severity_rank', store=True, aggregator=None)
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('handled', "Handled"),
            ('expired', "Expired"),
        ],
        string="Status", required=True, readonly=True, default='open', index=True, group_expand=True,
        help="Expired: the figure came back on course by itself.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='restrict',
        default=lambda self: self.env.company)
    value = fields.Float(string="Value", readonly=True, digits=(16, 2), aggregator=None)
    threshold = fields.Float(string="Threshold", readonly=True, digits=(16, 2), aggregator=None)
    date = fields.Date(string="Reported On", required=True, readonly=True, default=fields.Date.context_today)
    last_date = fields.Date(string="Last Seen", readonly=True)
    handled_on = fields.Datetime(string="Handled On", readonly=True)
    handled_by_id = fields.Many2one(
        comodel_name='res.users', string="Handled By", readonly=True, ondelete='restrict')

    _record_idx = models.Index("(res_model, res_id)")
    _open_unique = models.UniqueIndex(
        "(code, res_model, res_id) WHERE state = 'open'", "There is an open signal of this kind for the record already.")

    # === COMPUTE METHODS === #

    @api.depends('severity')
    def _compute_severity_rank(self):
        for signal in self:
            signal.severity_rank = ('info', 'warning', 'critical').index(signal.severity or 'info')

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            raise AccessError(self.env._("Signals are reported by the system, not by hand."))
        return super().create(vals_list)

    def write(self, vals):
        # chatter and activities are written through the record as well
        if not granted(self, GUARD) and any(not name.startswith(CHATTER_PREFIXES) for name in vals):
            raise AccessError(self.env._("A signal is settled with its buttons; it cannot be edited."))
        return super().write(vals)

    # === ACTION METHODS === #

    def action_handle(self):
        """Settle open signals: the owner, a leader above him, or a director has seen to it.

        :raise AccessError: if the user is none of them
        :raise UserError: if a signal is not open any more
        """
        self.check_access('read')
        for signal in self:
            if signal.state != 'open':
                raise UserError(self.env._("%(signal)s is not open any more.", signal=signal.name))
            signal._check_may_handle()
        signals = grant(self.sudo(), GUARD, only_these=True)
        signals.write({
            'state': 'handled', 'handled_on': fields.Datetime.now(), 'handled_by_id': self.env.uid})
        signals.activity_feedback(['mail.mail_activity_data_todo'])
        return True

    def action_open_record(self):
        """Open the record the signal is about; the user's own rights decide whether he sees it.

        :raise UserError: if it does not exist any more
        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        if self.res_model not in self.env or not self.env[self.res_model].sudo().browse(self.res_id).exists():
            raise UserError(self.env._("The record of this signal does not exist any more."))
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }

    def _check_may_handle(self):
        """Raise unless the user owns the signal, leads its team or one above it, or directs all sales."""
        user = self.env.user
        if not (
            self.user_id == user
            or user in self.sudo().team_id.approval_leader_ids
            or user.has_group('sales_mgmt_addon.group_director')
            or user.has_group('sales_team.group_sale_manager')
        ):
            raise AccessError(self.env._("Only the owner and those who lead him can settle a signal."))

    # === BUSINESS METHODS === #

    @api.model
    def _report(self, vals_list):
        """Report deviations; an open signal of the same code and record is brought up to date instead.

        :param vals_list: dict or list of dicts with ``code``, ``name``, ``res_model``, ``res_id``,
            ``company_id`` and optionally ``severity``, ``user_id``, ``team_id``, ``value``, ``threshold``, ``date``
        :return: the new signals, and those that were open before, both sudoed
        :rtype: tuple
        """
        vals_list = [vals_list] if isinstance(vals_list, dict) else vals_list
        signals = grant(self.sudo(), GUARD)
        known = {
            (signal.code, signal.res_model, signal.res_id): signal
            for signal in signals.search([
                ('state', '=', 'open'),
                ('code', 'in', list({vals['code'] for vals in vals_list})),
                ('res_id', 'in', list({vals['res_id'] for vals in vals_list})),
            ])
        }
        new, former = {}, signals.browse()
        today = fields.Date.context_today(self)
        for vals in vals_list:
            vals = {'date': today, **vals}
            vals['last_date'] = vals['date']
            key = vals['code'], vals['res_model'], vals['res_id']
            if key in known:
                vals.pop('date')
                known[key].write(vals)
                former |= known[key]
            else:
                new[key] = vals
        created = signals.create(list(new.values())).with_env(self.sudo().env)
        return created, former.with_env(self.sudo().env)

    def _expire(self):
        """Take back open signals that hold no more, with what was to do about them."""
        signals = grant(self.sudo(), GUARD, only_these=True).filtered(lambda signal: signal.state == 'open')
        signals.write({'state': 'expired'})
        signals.activity_unlink(['mail.mail_activity_data_todo'])
