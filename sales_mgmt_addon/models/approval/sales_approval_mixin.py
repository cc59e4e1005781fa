import json
import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesApprovalMixin(models.AbstractModel):
    """Makes a document something that others must agree to.

    The model that inherits it is a `mail.thread`, names its kinds of approval and describes the facts
    that are agreed. It calls :meth:`_approval_ask` to ask, :meth:`_approval_covering` to find out
    whether an approval still covers the document, and :meth:`_approval_revalidate` when its facts
    change.
    """

    _name = 'sales.approval.mixin'
    _description = "Approval Mixin"

    approval_request_ids = fields.One2many(
        comodel_name='sales.approval.request',
        inverse_name='res_id',
        string="Approvals",
        domain=lambda self: [('res_model', '=', self._name)],
        copy=False,
        readonly=True,
        groups='base.group_user',
    )
    pending_approver_ids = fields.Many2many(
        comodel_name='res.users',
        string="Waits For",
        compute='_compute_pending_approver_ids',
        compute_sudo=True,
        groups='base.group_user',
        help="The users who can decide the open approvals of this document.",
    )

    # === COMPUTE METHODS === #

    @api.depends('approval_request_ids.state', 'approval_request_ids.step_ids.open_approver_ids')
    def _compute_pending_approver_ids(self):
        pending = self._approval_live(self._approval_kinds(), ('pending',)).grouped('res_id')
        for record in self:
            requests = pending.get(record._origin.id)
            record.pending_approver_ids = requests.approver_ids if requests else False

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_cancel_approvals(self):
        pending = self._approval_live(None, ('pending',))
        if pending:
            pending._close_quietly('cancelled', self.env._("The document was deleted."))

    # === ACTION METHODS === #

    def action_open_approvals(self):
        """Open the approval requests of this document."""
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id(
            'sales_mgmt_addon.sales_approval_request_action'
        )
        return {
            **action,
            'domain': [('res_model', '=', self._name), ('res_id', '=', self.id)],
            'context': {},
        }

    # === BUSINESS METHODS === #

    def _approval_ask(self, kind, reason=None):
        """Ask for an approval, unless a live one still covers the document.

        A pending request whose facts got worse is voided, without :meth:`_approval_on_void`, and asked
        anew.

        :param str kind: one of :meth:`_approval_kinds`
        :param str reason: what the asker wants to say to the approvers
        :return: the pending or approved `sales.approval.request`, in sudo mode. It is already approved
            if an approval covers the document, or if the asker stands above every step; in the latter
            case :meth:`_approval_on_approved` was called
        :raise ValidationError: if the amount or threshold is not a finite number
        :raise UserError: if nobody can decide
        """
        self.ensure_one()
        self._approval_check_numbers(kind)
        live = self._approval_live([kind], ('pending', 'approved'))
        covering = live.filtered(self._approval_still_covers)
        if covering:
            return covering.sorted(lambda request: (request.state == 'approved', request.id))[-1]
        outdated = live.filtered(lambda request: request.state == 'pending')
        if outdated:
            outdated._close('void', self.env._("The document has changed since."), call_hooks=False)
        return self.env['sales.approval.request']._create_for(
            self.sudo().with_context(live._safe_context()), kind, reason,
        )

    def _approval_covering(self, kinds):
        """Return the approvals that still cover the documents as they are now, in one query.

        :param kinds: kinds of approval
        :return: `{(record id, kind): approved request in sudo mode}`; the newest one if several do
        :rtype: dict
        """
        approved = self._approval_live(kinds, ('approved',))
        subjects = {record.id: record for record in self}
        return {
            (request.res_id, request.kind): request
            for request in approved.sorted('id')
            if subjects[request.res_id]._approval_still_covers(request)
        }

    def _approval_revalidate(self):
        """Void the pending and approved requests of documents whose facts became worse.

        Better facts keep them. To be called whenever facts change; costs one query when there is
        nothing to do.
        """
        subjects = {record.id: record for record in self}
        worse = self._approval_live(None, ('pending', 'approved')).filtered(
            lambda request: subjects[request.res_id]._approval_got_worse(request)
        )
        if worse:
            worse._close('void', self.env._("The document has changed for the worse since."))

    def _approval_withdraw(self, kinds=None, reason=None):
        """Cancel the pending requests of documents.

        :param kinds: kinds of approval; default: all
        :param str reason: why, a whole sentence
        """
        pending = self._approval_live(kinds, ('pending',))
        if pending:
            pending._lock_pending()
            pending._close('cancelled', reason or self.env._("The question was withdrawn."))

    # === HOOKS: WHAT IS ASKED === #

    @api.model
    def _approval_kinds(self):
        """Return the kinds of approval this document can ask for.

        :rtype: list[str]
        """
        return []

    def _approval_amount(self, kind):
        """Return the amount in question, in the currency of :meth:`_approval_company`.

        :rtype: float
        """
        self.ensure_one()
        return 0.0

    def _approval_threshold(self, kind):
        """Return the second measure that rules look at, e.g. the discount in %.

        :rtype: float
        """
        self.ensure_one()
        return 0.0

    def _approval_company(self):
        """Return the company whose rules apply and whose users decide."""
        self.ensure_one()
        return ('company_id' in self._fields and self.company_id) or self.env.company

    def _approval_team(self, kind):
        """Return the sales team whose leaders decide; may be empty."""
        self.ensure_one()
        return self.team_id if 'team_id' in self._fields else self.env['crm.team']

    def _approval_asker(self):
        """Return who counts as the asker and therefore never decides.

        A customer in the portal and a scheduled job ask in the name of the person in charge.
        """
        self.ensure_one()
        user = self.env.user
        if not user._is_internal() or user._is_superuser():
            return ('user_id' in self._fields and self.user_id) or user
        return user

    def _approval_fingerprint(self, kind):
        """Return the facts that are agreed.

        :return: what JSON can hold
        :rtype: dict
        """
        self.ensure_one()
        return {}

    def _approval_subject_name(self):
        """Return how those who decide call the document: its name and, if it has one, the customer.

        :rtype: str
        """
        self.ensure_one()
        name = self.display_name
        partner = 'partner_id' in self._fields and self.partner_id.commercial_partner_id
        return f"{name} · {partner.name}" if partner and partner.name and partner.name not in name else name

    def _approval_summary(self, kind):
        """Return what those who decide should see, also if they may not open the document.

        :return: pairs (translated label, formatted text)
        :rtype: list[tuple]
        """
        self.ensure_one()
        return []

    def _approval_is_worse(self, old, new, kind):
        """Tell whether facts are worse for us than the ones that were agreed.

        :param dict old: facts of the request, as they come from JSON
        :param dict new: facts of now, as they would come from JSON
        :rtype: bool
        """
        return old != new

    def _approval_is_spent(self, kind):
        """Tell whether the document acts on its approval already and so keeps it beyond its last day."""
        return False

    # === HOOKS: WHAT FOLLOWS === #
    # All are called on the document in sudo mode, with the deciding user as the user of the environment
    # and without the client's context. The chatter has its line already.

    def _approval_on_approved(self, request):
        """Do what follows when ``request`` was approved for good."""

    def _approval_on_rejected(self, request):
        """Do what follows when ``request`` was rejected."""

    def _approval_on_void(self, request):
        """Do what follows when ``request`` does not hold any more."""

    def _approval_on_cancelled(self, request):
        """Do what follows when ``request`` was withdrawn."""

    # === TOOLING === #

    def _approval_live(self, kinds, states):
        """Return the requests of these documents that have not lapsed, in one query.

        :param kinds: kinds of approval, or None for all
        :param states: states of the requests
        :return: `sales.approval.request` records in sudo mode and with a safe context
        """
        Request = self.env['sales.approval.request']
        if not self.ids:
            return Request.sudo()
        domain = [
            ('res_model', '=', self._name),
            ('res_id', 'in', self.ids),
            ('state', 'in', list(states)),
        ]
        if kinds is not None:
            domain.append(('kind', 'in', list(kinds)))
        requests = Request.sudo().with_context(Request._safe_context()).search_fetch(
            domain, ['res_model', 'res_id', 'kind', 'state', 'fingerprint', 'expires_on'], order='id',
        )
        return requests

    def _approval_still_covers(self, request):
        """Tell whether a live request of this document has neither lapsed nor been overtaken."""
        self.ensure_one()
        lapsed = (
            request.expires_on and request.expires_on < fields.Date.today()
            and not (request.state == 'approved' and self._approval_is_spent(request.kind))
        )
        return not lapsed and not self._approval_got_worse(request)

    def _approval_got_worse(self, request):
        """Tell whether this document is worse now than what ``request`` is about."""
        self.ensure_one()
        return self._approval_is_worse(request.fingerprint, self._approval_facts(request.kind), request.kind)

    def _approval_facts(self, kind):
        """Return the fingerprint as it looks after a round trip through the database."""
        return json.loads(json.dumps(self._approval_fingerprint(kind), default=str))

    def _approval_check_numbers(self, kind):
        """Refuse to ask about amounts that are not numbers.

        :raise ValidationError: if the amount or the threshold is infinite or NaN
        """
        if not math.isfinite(self._approval_amount(kind)) or not math.isfinite(self._approval_threshold(kind)):
            raise ValidationError(self.env._(
                "The amount of %(document)s is not a number. Correct the document before asking.",
                document=self.display_name,
            ))
