from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

HOLD_STATES = [
    ('none', "Not on hold"),
    ('on_hold', "On hold"),
    ('released', "Released"),
    ('rejected', "Rejected"),
]
GUARDED_FIELDS = {'hold_state', 'hold_since', 'hold_asked_by_id', 'hold_finding_ids'}


class SalesGateMixin(models.AbstractModel):
    """A document that commits the company to a customer and is checked before it does so.

    Areas add checks by extending :meth:`_gate_findings`; the gate alone decides what happens with
    what they found. A finding that stops needs an approved request of its kind; until then the
    document is on hold.
    """

    _name = 'sales.gate.mixin'
    _inherit = ['sales.approval.mixin']
    _description = "Gate"

    hold_state = fields.Selection(
        selection=HOLD_STATES, string="Hold", default='none', readonly=True, copy=False,
        groups='base.group_user')
    hold_since = fields.Datetime(string="On Hold Since", readonly=True, copy=False, groups='base.group_user')
    hold_asked_by_id = fields.Many2one(
        comodel_name='res.users', string="Asked By", readonly=True, copy=False, ondelete='set null',
        groups='base.group_user')
    hold_finding_ids = fields.One2many(
        comodel_name='sales.gate.finding', inverse_name='res_id', string="Findings",
        domain=lambda self: [('res_model', '=', self._name), ('state', '=', 'open')],
        readonly=True, copy=False, groups='base.group_user')

    hold_message = fields.Text(string="Why on Hold", compute='_compute_hold_message', groups='base.group_user')
    gate_can_decide = fields.Boolean(
        compute='_compute_gate_can_decide', search='_search_gate_can_decide', groups='base.group_user')

    #=== COMPUTE METHODS ===#

    @api.depends('hold_finding_ids.message')
    def _compute_hold_message(self):
        for document in self:
            document.hold_message = '\n'.join(document.sudo().hold_finding_ids.mapped('message'))

    @api.depends_context('uid')
    @api.depends('approval_request_ids.state')
    def _compute_gate_can_decide(self):
        requests = self.env['sales.approval.request'].search_fetch([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('is_my_turn', '=', True),
        ], ['res_id'])
        ids = set(requests.mapped('res_id'))
        for document in self:
            document.gate_can_decide = document._origin.id in ids

    def _search_gate_can_decide(self, operator, value):
        if operator != 'in':
            return NotImplemented
        requests = self.env['sales.approval.request'].search_fetch(
            [('res_model', '=', self._name), ('is_my_turn', '=', True)], ['res_id'])
        domain = fields.Domain('id', 'in', requests.mapped('res_id'))
        return domain if True in value else ~domain

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        """Nobody but the server writes the state of a hold; reading stays as declared."""
        if operation == 'write' and field.name in GUARDED_FIELDS and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.ondelete(at_uninstall=False)
    def _unlink_settle_findings(self):
        if findings := self.sudo().hold_finding_ids:
            self._gate_settle_findings(findings)

    #=== EXTENSION POINTS ===#

    def _gate_is_active(self):
        """Tell whether the area is switched on in this database."""
        return self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_gate')

    def _gate_lock(self):
        """Serialise the check with all others that draw on the same room (limit, budget, stock).

        An area extends this with a real ``UPDATE`` of the rows it guards: under REPEATABLE READ only
        that makes a concurrent transaction fail and start again on a fresh snapshot.
        """

    def _gate_findings(self):
        """Return what speaks against these documents.

        :return: dicts with ``res_id`` (id of the document), ``code`` (see `sales.gate.finding`),
            ``severity`` (``'block'`` or ``'warn'``), ``message`` (translated), ``amount`` (float,
            company currency), ``approval_kind`` (str, or ``None`` when nobody may allow it) and
            ``payload`` (JSON-able dict of facts)
        :rtype: list[dict]
        """
        return []

    def _gate_is_exempt(self):
        """Tell whether a document needs no check at all. Note: self.ensure_one()"""
        self.ensure_one()
        return False

    def _gate_document_amount(self):
        """Return the value of the document in company currency. Note: self.ensure_one()"""
        self.ensure_one()
        return 0.0

    def _gate_release(self):
        """Continue what the hold interrupted. Called when the last finding is settled."""

    def _gate_debtor(self):
        """Return the commercial partner who will owe the money. Note: self.ensure_one()"""
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    #=== BUSINESS METHODS ===#

    def _gate_blocking(self):
        """Check the documents and leave out what an approval covers.

        :return: what still stops each document, and all findings
        :rtype: tuple(dict[int, list[dict]], list[dict])
        """
        documents = self.filtered(lambda document: not document._gate_is_exempt())
        if not documents:
            return {}, []
        documents._gate_lock()
        findings = documents._gate_findings()
        stops = [finding for finding in findings if finding['severity'] == 'block']
        if not stops:
            return {}, findings
        covering = documents._approval_covering({f['approval_kind'] for f in stops if f['approval_kind']})
        blocking = defaultdict(list)
        for finding in stops:
            request = covering.get((finding['res_id'], finding['approval_kind']))
            # An approval covers the reasons its approver has seen, not others of the same kind.
            if not request or finding['code'] not in (request.fingerprint or {}).get('codes', []):
                blocking[finding['res_id']].append(finding)
        return dict(blocking), findings

    def _gate_require(self):
        """Check documents that cannot wait, because the change is being written.

        :raise UserError: with every reason, when something stops one of the documents
        """
        blocking, _findings = self._gate_blocking()
        if blocking:
            raise UserError(self._gate_refusal(blocking))

    def _gate_refusal(self, blocking):
        lines = []
        for document in self.filtered(lambda d: d.id in blocking):
            lines.append(self.env._("%(document)s is stopped:", document=document.display_name))
            lines += [f"- {finding['message']}" for finding in blocking[document.id]]
        lines.append(self.env._(
            "Ask for approval, lower what exceeds the limit, or ask for a higher limit first."))
        return '\n'.join(lines)

    def _gate_hold_or_pass(self, reason=None):
        """Split the documents into those that may go on and those that now wait on hold.

        :param str reason: why the asker wants it approved
        :return: the documents that passed
        """
        blocking, findings = self._gate_blocking()
        held = self.filtered(lambda document: document.id in blocking)
        if held:
            held._gate_put_on_hold(blocking, findings, reason)
        passed = self - held
        passed._gate_settle()
        return passed

    def _gate_put_on_hold(self, blocking, findings, reason=None):
        """Record why the documents wait and ask whoever may decide.

        :param dict blocking: ``{id: findings that stop it}``
        :param list findings: all findings, warnings included
        :param str reason: why the asker wants it approved
        """
        self._gate_store_findings(blocking, findings)
        for document in self:
            if document.sudo().hold_state != 'on_hold':
                document._gate_write_hold({
                    'hold_state': 'on_hold',
                    'hold_since': fields.Datetime.now(),
                    'hold_asked_by_id': self.env.uid,
                })
            kinds = dict.fromkeys(f['approval_kind'] for f in blocking[document.id] if f['approval_kind'])
            for kind in kinds:
                document._gate_ask(kind, reason)

    def _gate_ask(self, kind, reason=None):
        """Ask for one approval. Note: self.ensure_one()

        An asker above every step has it at once, and the document goes on. If nobody may decide, the
        document waits all the same: a signature or a payment must not fail for that.
        """
        try:
            with self.env.cr.savepoint():
                request = self._approval_ask(kind, reason=reason)
        except UserError as error:
            self.sudo().message_post(body=self.env._(
                "On hold, but nobody was asked: %(error)s", error=str(error)))
            return
        self.sudo().hold_finding_ids.filtered(lambda f: f.approval_kind == kind).request_id = request

    def _gate_store_findings(self, blocking, findings):
        self._gate_settle_findings(self.sudo().hold_finding_ids)
        shown = [f for f in findings if f['severity'] == 'warn' and f['res_id'] in blocking]
        stops = [finding for document in self for finding in blocking[document.id]]
        documents = {document.id: document for document in self}
        self.env['sales.gate.finding'].sudo().create([
            {
                **documents[finding['res_id']]._gate_prepare_finding_facts(),
                'res_id': finding['res_id'],
                'code': finding['code'],
                'severity': finding['severity'],
                'message': finding['message'],
                'amount': finding['amount'],
                'approval_kind': finding['approval_kind'],
            }
            for finding in stops + shown
        ])
        self.invalidate_recordset(['hold_finding_ids'])

    def _gate_settle_findings(self, findings):
        findings.sudo().write({'state': 'settled'})
        self.invalidate_recordset(['hold_finding_ids'])  # its domain names the state

    def _gate_prepare_finding_facts(self):
        """Return the values that a finding freezes of its document. Note: self.ensure_one()"""
        self.ensure_one()
        document = self.sudo()
        return {
            'res_model': self._name,
            'order_id': self.id if self._name == 'sale.order' else False,
            'company_id': document.company_id.id,
            'partner_id': document._gate_debtor().id,
            'document_name': document.display_name,
            'document_amount': document._gate_document_amount(),
        }

    def _gate_settle(self):
        """Close what is left of an earlier hold of documents that passed the check."""
        waiting = self.filtered(lambda document: document.sudo().hold_state in ('on_hold', 'rejected'))
        if waiting:
            waiting._approval_withdraw(reason=self.env._("No longer needed: nothing stops the document any more."))
            waiting._gate_settle_findings(waiting.sudo().hold_finding_ids)
            waiting._gate_write_hold({'hold_state': 'released'})

    def _gate_end_hold(self):
        """Forget the hold: the document is as if nobody had asked."""
        held = self.filtered(lambda document: document.sudo().hold_state not in (False, 'none'))
        held._gate_settle_findings(held.sudo().hold_finding_ids)
        held._gate_write_hold({'hold_state': 'none', 'hold_since': False, 'hold_asked_by_id': False})

    def _gate_after_cancel(self):
        """A cancelled document waits for nothing any more."""
        held = self.filtered(lambda document: document.state == 'cancel' and document.sudo().hold_state not in (False, 'none'))
        if held:
            held._approval_withdraw(reason=self.env._("The document was cancelled."))
            held._gate_end_hold()

    def _gate_write_hold(self, values):
        self.sudo().write(values)

    def _gate_hold_notification(self, title):
        """Return a client action that tells why the documents wait; the hold itself is on them."""
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning',
                'sticky': True,
                'title': title,
                'message': '\n'.join(self.sudo().hold_finding_ids.mapped('message')),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def _gate_can_ask(self):
        """Whoever may edit the document may ask for it, withdraw it and have it checked again."""
        self.check_access('write')

    #=== ACTION METHODS ===#

    def action_withdraw_hold(self):
        """Take back the question: pending requests are cancelled and the hold ends.

        :raise AccessError: if the user may not edit the documents
        :return: True
        """
        self._gate_can_ask()
        held = self.filtered(lambda document: document.sudo().hold_state in ('on_hold', 'rejected'))
        held._approval_withdraw(reason=self.env._("Withdrawn by %(user)s.", user=self.env.user.name))
        held._gate_end_hold()
        return True

    def action_gate_decide(self):
        """Open the decision on the request that waits for the current user.

        :return: window action on the request
        :raise UserError: if the current user has nothing to decide here
        """
        self.ensure_one()
        request = self.env['sales.approval.request'].search([
            ('res_model', '=', self._name), ('res_id', '=', self.id), ('is_my_turn', '=', True),
        ], limit=1)
        if not request:
            raise UserError(self.env._("There is nothing for you to decide on this document."))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sales.approval.request',
            'res_id': request.id,
            'views': [(False, 'form')],
            'target': 'current',
        }

    #=== APPROVAL SUBJECT AND HOOKS ===#

    def _approval_summary(self, kind):
        stops = self.sudo().hold_finding_ids.filtered(lambda finding: finding.approval_kind == kind)
        return super()._approval_summary(kind) + [
            (self.env._("Why it waits"), finding.message) for finding in stops
        ]

    def _approval_on_approved(self, request):
        super()._approval_on_approved(request)
        if self.hold_state != 'on_hold':
            return
        self._gate_settle_findings(self.hold_finding_ids.filtered(lambda f: f.approval_kind == request.kind))
        if not self.sudo().hold_finding_ids.filtered(lambda f: f.severity == 'block'):
            self._gate_write_hold({'hold_state': 'released'})
            self._gate_release()

    def _approval_on_rejected(self, request):
        super()._approval_on_rejected(request)
        self._approval_withdraw(reason=self.env._("Another approval of this document was refused."))
        self._gate_settle_findings(self.hold_finding_ids)
        self._gate_write_hold({'hold_state': 'rejected'})

    def _approval_on_void(self, request):
        super()._approval_on_void(request)
        self._gate_end_hold()

    def _approval_on_cancelled(self, request):
        super()._approval_on_cancelled(request)
        if self.hold_state == 'on_hold':
            self._gate_end_hold()
            self._approval_withdraw()

    #=== TOOLING ===#

    def _gate_format(self, amount, company):
        """Return ``amount`` (company currency) as text for a message."""
        return format_amount(self.env, amount, company.currency_id)
