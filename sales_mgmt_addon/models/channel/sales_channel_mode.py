from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import granted
from ...server_fields import check_server_fields, without_defaults
from .const import MODE_GUARD, PRESETS, RIGHT_NAMES

# What decides on the mode of a line: an offer, a seller, a product category, a channel (records or empty) and the day
ModeQuestion = namedtuple('ModeQuestion', 'company offer seller category channel date')

SUBJECT_FIELDS = ('offer_id', 'seller_id', 'category_id', 'channel_id')
SERVER_FIELDS = frozenset({'state', 'author_id', 'approver_id', 'approved_on'})
# What an approved version says. It stays as it is, for good.
CONTENT_FIELDS = frozenset({
    *RIGHT_NAMES, *SUBJECT_FIELDS, 'company_id', 'date_from', 'preset', 'reason', 'contracting_party_reason',
    'revenue_presentation_reason', 'tax_supplier_reason', 'primary_responsibility', 'primary_responsibility_evidence',
    'inventory_risk', 'inventory_risk_evidence', 'price_discretion', 'price_discretion_evidence', 'simulation_id',
})


class SalesChannelMode(models.Model):
    """One dated version of the rights under which an offer, a seller, a category or a channel sells.

    An approved version is never edited: a change is a new version with a later date. Order lines point to the
    version that was in force when they were confirmed, and with that to its reasons and its approver.
    """

    _name = 'sales.channel.mode'
    _description = "Channel Mode"
    _inherit = ['sales.mode.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_from desc, id desc'
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='restrict', check_company=True)
    category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='restrict')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='restrict', check_company=True)
    offer_id = fields.Many2one(
        comodel_name='sales.seller.offer', string="Offer", index='btree_not_null', ondelete='restrict', check_company=True)
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True,
        help="Orders confirmed from this day on follow the version. Running orders keep theirs.")
    preset = fields.Selection(tracking=True)
    state = fields.Selection(
        selection=[('draft', "Draft"), ('approved', "Approved"), ('cancelled', "Cancelled")],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True)
    reason = fields.Text(string="Reason", help="Why the goods are sold this way: contract facts and judgement.")
    author_id = fields.Many2one(
        comodel_name='res.users', string="Author", readonly=True, copy=False, ondelete='restrict',
        help="Who wrote the version, or changed what it says last.")
    approver_id = fields.Many2one(
        comodel_name='res.users', string="Approved By", readonly=True, copy=False, ondelete='restrict')
    approved_on = fields.Datetime(string="Approved On", readonly=True, copy=False)

    _one_subject = models.Constraint(
        'CHECK (num_nonnulls(offer_id, seller_id, COALESCE(category_id, channel_id)) = 1)',
        "A mode holds for one thing: an offer, a seller, a channel, or a product category (of one channel, if you like).")
    _all_rights = models.Constraint(
        f"CHECK (num_nonnulls({', '.join(RIGHT_NAMES)}) = {len(RIGHT_NAMES)})",
        "Say for each right who holds it.")
    _one_version_a_day = models.UniqueIndex(
        "(company_id, date_from, COALESCE(offer_id, 0), COALESCE(seller_id, 0), COALESCE(category_id, 0),"
        " COALESCE(channel_id, 0)) WHERE state = 'approved'",
        "Another approved version starts on the same day. Choose another day.")

    # === COMPUTE METHODS === #

    @api.depends('offer_id', 'seller_id', 'category_id', 'channel_id', 'date_from', 'preset')
    def _compute_display_name(self):
        presets = dict(self._fields['preset']._description_selection(self.env))
        for mode in self:
            names = [mode[name].sudo().display_name for name in SUBJECT_FIELDS if mode[name]]
            mode.display_name = self.env._(
                "%(subject)s: %(mode)s from %(date)s", subject=" / ".join(names), mode=presets.get(mode.preset, ''),
                date=mode.date_from or '')

    # === CONSTRAINT METHODS === #

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to fill in the rights of the mode that is named, and to name the mode of the rights that are given.

        :raise AccessError: if a client gives what only the approval may write
        """
        self._check_server_fields(vals_list)
        modes = without_defaults(self, SERVER_FIELDS, MODE_GUARD)
        defaults = modes.default_get(['preset', *RIGHT_NAMES])
        prepared = [{'author_id': self.env.uid, **vals, **self._prepare_rights({**defaults, **vals})} for vals in vals_list]
        return super(SalesChannelMode, modes).create(prepared).with_env(self.env)

    def write(self, vals):
        """Override to keep approved versions as they are.

        :raise AccessError: if a client writes what only the approval may write
        :raise UserError: if a version that is not a draft would say something else
        """
        self._check_server_fields([vals])
        if not vals.keys() & CONTENT_FIELDS or granted(self, MODE_GUARD):
            return super().write(vals)
        if fixed := self.filtered(lambda mode: mode.state != 'draft')[:1]:
            raise UserError(self.env._(
                "%(mode)s is not a draft any more and stays as it is. Make a new version with a later date.",
                mode=fixed.display_name))
        rights = {}
        if 'preset' in vals and not vals.keys() & set(RIGHT_NAMES):
            rights = PRESETS.get(vals['preset'], {})
        res = super().write({**vals, **rights, 'author_id': self.env.uid})
        if rights or vals.keys() & set(RIGHT_NAMES):
            # the rights are right, whatever they are called
            for mode in self:
                if (preset := self._get_preset(mode._get_rights(), mode.preset)) != mode.preset:
                    super(SalesChannelMode, mode).write({'preset': preset})
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if any(mode.state != 'draft' for mode in self) and not granted(self, MODE_GUARD):
            raise UserError(self.env._("Only drafts can be deleted. Other versions are evidence of how goods were sold."))

    def copy_data(self, default=None):
        """Override: a copy is for a later day, because two versions of a subject cannot start on the same."""
        vals_list = super().copy_data(default)
        if not (default or {}).get('date_from'):
            today = fields.Date.context_today(self)
            for mode, vals in zip(self, vals_list, strict=True):
                vals['date_from'] = fields.Date.add(max(today, mode.date_from), days=1)
        return vals_list

    # === BUSINESS METHODS === #

    def _get_subject(self):
        """Return what the version is for, as ids of offer, seller, category and channel.

        :rtype: tuple[int]
        """
        self.ensure_one()
        return tuple(self[name].id or 0 for name in SUBJECT_FIELDS)

    # === TOOLING === #

    def _check_server_fields(self, vals_list):
        check_server_fields(self, vals_list, SERVER_FIELDS, MODE_GUARD, self.env._(
            "Status, author and approver of a mode are set by its approval. Use the buttons."))

    def _check_manager(self):
        """Check that the user decides how goods are sold.

        :raise AccessError: if he is neither channel manager nor director
        """
        if not self.env.su and not any(self.env.user.has_group(group) for group in (
            'sales_mgmt_addon.group_channel_manager', 'sales_mgmt_addon.group_director',
        )):
            raise AccessError(self.env._("Only channel managers and sales directors decide on modes."))
