from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .const import CHANNEL_TYPES
from .sales_channel_mode import ModeQuestion


class SalesChannel(models.Model):
    """A way to the buyer: own people, a store, a web shop, a platform, distributors, dealers, agents."""

    _name = 'sales.channel'
    _description = "Sales Channel"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, code, id'
    _parent_store = True
    _check_company_auto = True
    _rec_names_search = ['name', 'code']

    name = fields.Char(string="Name", required=True, translate=True, tracking=True)
    code = fields.Char(
        string="Code", required=True, tracking=True,
        help="Short name that figures keep. It cannot change once documents carry the channel.")
    sequence = fields.Integer(string="Sequence", default=10)
    active = fields.Boolean(string="Active", default=True)
    type = fields.Selection(
        selection=CHANNEL_TYPES, string="Type", required=True, default='direct', tracking=True, group_expand=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company)
    parent_id = fields.Many2one(
        comodel_name='sales.channel', string="Parent Channel", index='btree_not_null', ondelete='restrict', check_company=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(comodel_name='sales.channel', inverse_name='parent_id', string="Sub-channels")
    team_ids = fields.One2many(comodel_name='crm.team', inverse_name='channel_id', string="Sales Teams")
    journal_id = fields.Many2one(
        comodel_name='account.journal', string="Invoice Journal", check_company=True, ondelete='restrict',
        domain="[('type', '=', 'sale')]", help="Journal of the channel's own customer invoices.")
    analytic_account_id = fields.Many2one(
        comodel_name='account.analytic.account', string="Analytic Account", check_company=True, ondelete='restrict',
        help="Gets our own revenue of the channel, where an order line says nothing else.")
    mode_ids = fields.One2many(comodel_name='sales.channel.mode', inverse_name='channel_id', string="Modes")
    mode_id = fields.Many2one(
        comodel_name='sales.channel.mode', string="Mode in Force", compute='_compute_mode_id',
        help="How goods are sold in the channel today, unless their category, seller or offer has a mode of its own.")
    rights_text = fields.Char(string="Rights", compute='_compute_mode_id')
    order_count = fields.Integer(string="Order Count", compute='_compute_order_count')
    is_used = fields.Boolean(compute='_compute_is_used')

    _unique_code = models.Constraint('UNIQUE (company_id, code)', "Another channel of the company has this code.")

    # === COMPUTE METHODS === #

    @api.depends('mode_ids.state', 'mode_ids.date_from', 'parent_id')
    @api.depends_context('lang')
    def _compute_mode_id(self):
        Mode = self.env['sales.channel.mode']
        today = fields.Date.context_today(self)
        channels = self._origin
        modes = dict(zip(channels, Mode._resolve([
            ModeQuestion(channel.company_id, Mode.offer_id, Mode.seller_id, Mode.category_id, channel, today)
            for channel in channels]), strict=True))
        for channel in self:
            mode = modes.get(channel._origin, Mode)
            channel.mode_id = mode.with_env(self.env)
            channel.rights_text = Mode._describe_rights(mode._get_rights())

    def _compute_order_count(self):
        counts = dict(self.env['sale.order']._read_group([('channel_id', 'in', self.ids)], ['channel_id'], ['__count']))
        for channel in self:
            channel.order_count = counts.get(channel, 0)

    @api.depends('code')
    def _compute_is_used(self):
        for channel in self:
            channel.is_used = bool(channel._origin) and channel._origin._is_used()

    # === CONSTRAINT METHODS === #

    @api.constrains('parent_id')
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A channel cannot be below itself."))

    @api.constrains('code')
    def _check_code(self):
        if any(not channel.code.strip() or channel.code != channel.code.strip() for channel in self):
            raise ValidationError(self.env._("The code of a channel begins and ends with a letter or digit, not with a space."))

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to keep the code and company of channels that documents carry.

        :raise UserError: if such a channel would get another one
        """
        for name in ('code', 'company_id'):
            if name in vals and (used := self.filtered(
                    lambda channel, name=name: self._fields[name].convert_to_cache(vals[name], channel)
                    != self._fields[name].convert_to_cache(channel[name], channel) and channel._is_used())[:1]):
                raise UserError(self.env._(
                    "Documents and figures carry the channel %(channel)s, so its code and company stay. "
                    "Archive it and make a new one.", channel=used.display_name))
        return super().write(vals)

    def copy_data(self, default=None):
        """Override to give copies a code of their own."""
        default = default or {}
        channels = self.sudo().with_context(active_test=False).search([('company_id', 'in', self.company_id.ids)])
        taken = set(channels.mapped('code'))
        vals_list = super().copy_data(default)
        for channel, vals in zip(self, vals_list, strict=True):
            if 'code' not in default:
                number = 2
                while f'{channel.code}-{number}' in taken:
                    number += 1
                vals['code'] = f'{channel.code}-{number}'
                taken.add(vals['code'])
            if 'name' not in default:
                vals['name'] = self.env._("%s (copy)", channel.name)
        return vals_list

    # === ACTION METHODS === #

    def action_open_orders(self):
        """Open the orders of the channel.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Orders of %s", self.name),
            'res_model': 'sale.order',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('channel_id', 'child_of', self.id)],
        }

    # === BUSINESS METHODS === #

    def _is_used(self):
        """Tell whether documents or figures carry the channel. Note: self.ensure_one()"""
        self.ensure_one()
        for model in ('sale.order', 'account.move', 'crm.lead'):
            if self.env[model].sudo().with_context(active_test=False).search_count([('channel_id', '=', self.id)], limit=1):
                return True
        return bool(self.env['sales.attainment.entry'].sudo().search_count(
            [('channel', '=', self.code), ('company_id', '=', self.company_id.id)], limit=1))
