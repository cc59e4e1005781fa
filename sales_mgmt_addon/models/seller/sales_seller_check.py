from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults
from ..channel.const import SELLER_GUARD
from .const import CHECK_STATES, MANAGER_GROUP, OFFICER_GROUP
from .reason import clean_reason

SERVER_FIELDS = frozenset({'state', 'checked_by_id', 'checked_on', 'accepted_until', 'required'})
# What was looked at when the check was passed: changing it asks for another look
FACT_FIELDS = frozenset({'number', 'valid_until', 'document_ids'})


class SalesSellerCheck(models.Model):
    """One thing that is checked of a seller, with the documents that prove it."""

    _name = 'sales.seller.check'
    _description = "Seller Check"
    _order = 'seller_id, sequence, id'
    _rec_name = 'type_id'
    _check_company_auto = True

    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, index=True, ondelete='cascade', check_company=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    user_id = fields.Many2one(related='seller_id.user_id')
    type_id = fields.Many2one(
        comodel_name='sales.seller.check.type', string="Check", required=True, index=True, ondelete='restrict')
    sequence = fields.Integer(related='type_id.sequence', store=True)
    required = fields.Boolean(string="Required", readonly=True)
    needs_document = fields.Boolean(related='type_id.needs_document')
    state = fields.Selection(
        selection=CHECK_STATES, string="Status", required=True, default='open', readonly=True, copy=False, index=True)
    number = fields.Char(string="Number", help="Of the licence, the VAT registration, the contract …")
    valid_until = fields.Date(string="Valid Until")
    accepted_until = fields.Date(
        string="Accepted Until", readonly=True, copy=False,
        help="Last day of what was passed last: a renewal that waits for its check stops nothing before.")
    document_ids = fields.Many2many(
        comodel_name='ir.attachment', relation='sales_seller_check_attachment_rel', string="Documents")
    reason = fields.Char(string="Remark", help="Needed to reject or waive a check.")
    checked_by_id = fields.Many2one(
        comodel_name='res.users', string="Checked By", readonly=True, copy=False, ondelete='restrict')
    checked_on = fields.Datetime(string="Checked On", readonly=True, copy=False)
    is_expired = fields.Boolean(string="Expired", compute='_compute_is_expired', search='_search_is_expired')

    _unique_type = models.Constraint('UNIQUE (seller_id, type_id)', "The seller has this check already.")

    # === COMPUTE METHODS === #

    @api.depends('state', 'accepted_until')
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for check in self:
            check.is_expired = bool(check.accepted_until and check.accepted_until < today and check.state != 'waived')

    def _search_is_expired(self, operator, value):
        if operator != 'in':
            return NotImplemented
        expired = Domain('accepted_until', '<', fields.Date.context_today(self)) & Domain('state', '!=', 'waived')
        return expired if True in value else ~expired

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access('create')
        check_server_fields(self, vals_list, SERVER_FIELDS, SELLER_GUARD, self.env._("Checks are settled with their buttons."))
        self = without_defaults(self, SERVER_FIELDS, SELLER_GUARD)
        for vals in vals_list:
            vals['required'] = self.env['sales.seller.check.type'].browse(vals.get('type_id')).sudo().required
        checks = super().create(vals_list)
        checks._keep_documents()
        return checks

    def write(self, vals):
        if not granted(self, SELLER_GUARD):
            check_server_fields(self, [vals], SERVER_FIELDS, SELLER_GUARD, self.env._("Checks are settled with their buttons."))
            if {'seller_id', 'type_id'} & vals.keys():
                raise UserError(self.env._("A check stays with its seller. Add another one instead."))
        res = super().write(vals)
        if 'document_ids' in vals:
            self._keep_documents()
        if FACT_FIELDS & vals.keys() and not granted(self, SELLER_GUARD):
            settled = self.filtered(lambda check: check.state != 'open')
            settled._as_server().state = 'open'
            settled.seller_id._review_checks()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_open_only(self):
        if any(check.state != 'open' or (check.required and check.seller_id.state != 'application') for check in self):
            raise UserError(self.env._("A check that was settled stays on record. Waive it with a reason instead."))

    # === ACTION METHODS === #

    def action_pass(self):
        """Note that the facts were looked at and hold.

        A check that expires is accepted until the day that was entered, or for as long as its type says.

        :return: True
        :raise AccessError: if the user neither decides on sellers nor settles with them
        :raise UserError: if a document, the bank account or the number is missing, or it has expired
        """
        self._check_worker()
        for check in self:
            check._check_facts()
            check._settle('passed', check._get_last_day())
        return True

    def action_reject(self, reason=None):
        """Note that the facts do not hold.

        :param str reason: why; the remark of the check if ``None``
        :return: True
        :raise AccessError: see :meth:`action_pass`
        :raise UserError: without a reason
        """
        return self._settle_with_reason('rejected', reason)

    def action_waive(self, reason=None):
        """Do without a check, as a channel manager. Parameters and errors as of :meth:`action_reject`."""
        if not (self.env.su or self.env.user.has_group(MANAGER_GROUP)):
            raise AccessError(self.env._("Only channel managers do without a check."))
        return self._settle_with_reason('waived', reason)

    def action_reopen(self):
        """Have settled checks looked at again."""
        self._check_worker()
        self._reopen()
        return True

    # === BUSINESS METHODS === #

    def _is_valid(self):
        """Tell whether the check holds today. Note: self.ensure_one()"""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.state == 'waived':
            return True
        if self.state == 'passed':
            return not self.accepted_until or self.accepted_until >= today
        return self.state == 'open' and bool(self.accepted_until) and self.accepted_until >= today

    def _reopen(self):
        """Have checks looked at again from the beginning."""
        self._as_server().write({'state': 'open', 'accepted_until': False, 'checked_by_id': False, 'checked_on': False})
        self.seller_id._review_checks()

    def _settle_with_reason(self, state, reason):
        self._check_worker()
        for check in self:
            text = clean_reason(self, check.reason if reason is None else reason)
            check._as_server().reason = text
            check._settle(state, False)
        return True

    def _settle(self, state, accepted_until):
        self._as_server().write({
            'state': state, 'accepted_until': accepted_until, 'checked_by_id': self.env.uid,
            'checked_on': fields.Datetime.now()})
        label = dict(self._fields['state']._description_selection(self.env))[state]
        # more people read the seller than his checks: the remark stays there
        self.seller_id.sudo().message_post(
            body=self.env._("%(check)s: %(state)s", check=self.type_id.sudo().name, state=label))
        self.seller_id._review_checks()

    def _check_worker(self):
        """Raise unless the user decides on sellers or settles with them."""
        user = self.env.user
        if not (self.env.su or user.has_group(MANAGER_GROUP) or user.has_group(OFFICER_GROUP)):
            raise AccessError(self.env._("Only channel managers and settlement officers check sellers."))
        self.check_access('write')

    def _check_facts(self):
        """Raise unless all that the check needs is there. Note: self.ensure_one()"""
        self.ensure_one()
        check = self.sudo()
        name = check.type_id.name
        if check.needs_document and not check.document_ids:
            raise UserError(self.env._("Attach the document of the check %s first.", name))
        if check.type_id.kind == 'bank' and not check.seller_id.bank_account_id:
            raise UserError(self.env._("Enter the bank account of the seller before you pass the check %s.", name))
        if check.type_id.kind == 'vat' and not (check.number or check.seller_id.partner_id.vat):
            raise UserError(self.env._("Enter the VAT number of the seller before you pass the check %s.", name))
        if check.valid_until and check.valid_until < fields.Date.context_today(self):
            raise UserError(self.env._(
                "%(check)s has expired on %(date)s. Ask the seller for a new one.", check=name,
                date=format_date(self.env, check.valid_until)))

    def _get_last_day(self):
        """Return until when the check holds once it is passed: a date, or False if it does not expire."""
        months = self.sudo().type_id.validity_months
        longest = fields.Date.add(fields.Date.context_today(self), months=months) if months else False
        return min(filter(None, (self.valid_until, longest)), default=False)

    def _keep_documents(self):
        """Make new documents part of their check, so that those who may read it may read them, and nobody else.

        :raise AccessError: if a document belongs to something else
        """
        for check in self:
            for document in check.sudo().document_ids:
                if (document.res_model, document.res_id) == (self._name, check.id):
                    continue
                is_new = document.res_model in (False, self._name) and not document.res_id
                if not is_new or document.create_uid != self.env.user:
                    raise AccessError(self.env._("Upload the document %s here: it belongs to something else.", document.name))
                document.write({'res_model': self._name, 'res_id': check.id, 'public': False})

    # === TOOLING === #

    def _as_server(self):
        return grant(self.sudo(), SELLER_GUARD)
