import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .sales_approval_request_step import START_LEVELS

_logger = logging.getLogger(__name__)

DEFAULT_VALIDITY_DAYS = 30
ACTIVITY_TYPE = 'sales_mgmt_addon.mail_activity_type_approval'
# what of the caller's context reaches the evidence: not its defaults, not its switches for tracking
SAFE_CONTEXT_KEYS = ('lang', 'tz', 'allowed_company_ids')


class SalesApprovalRequest(models.Model):
    """One question about one document: who asked what, who must agree, and what came of it.

    No role may write, create or delete requests. They change through the methods below, which check
    the rights of the user themselves and only then act in sudo mode.
    """

    _name = 'sales.approval.request'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Approval Request"
    _order = 'id desc'
    _rec_names_search = ['name', 'subject_name']
    _mail_post_access = 'read'

    name = fields.Char(string="Reference", required=True, readonly=True, copy=False, index='trigram')
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID",
        model_field='res_model',
        required=True,
        readonly=True,
        index=True,
    )
    subject_name = fields.Char(
        string="Document at the Time of Asking",
        readonly=True,
        help="Kept for the case that the document is deleted later.",
    )
    subject_display = fields.Char(
        string="Document",
        compute='_compute_subject_display',
        search='_search_subject_display',
        compute_sudo=True,
    )
    summary = fields.Html(
        string="Facts Now",
        compute='_compute_summary',
        compute_sudo=True,
        help="What the document says about itself to those who decide.",
    )
    kind = fields.Selection(selection='_selection_kind', string="Kind", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ('pending', "To Decide"),
            ('approved', "Approved"),
            ('rejected', "Rejected"),
            ('void', "Void"),
            ('cancelled', "Cancelled"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default='pending',
        index=True,
    )
    amount = fields.Monetary(
        string="Amount",
        currency_field='currency_id',
        readonly=True,
        help="The amount in question, in the currency of the company.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, readonly=True, ondelete='restrict',
    )
    threshold = fields.Float(
        string="Threshold",
        digits=(16, 2),
        readonly=True,
        help="The second measure of the kind, for example the discount in %.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        string="Company",
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index=True, ondelete='set null',
    )
    fingerprint = fields.Json(
        string="Facts",
        readonly=True,
        help="The facts of the document as they were asked for and, once approved, as they were agreed.",
    )
    requested_by = fields.Many2one(
        comodel_name='res.users',
        string="Asked By",
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    reason = fields.Text(string="Reason for Asking", readonly=True)
    close_reason = fields.Text(string="Closed Because", readonly=True)
    closed_on = fields.Datetime(string="Closed On", readonly=True)
    expires_on = fields.Date(
        string="Valid Until",
        readonly=True,
        help="The last day on which the question can be answered or the approval can be used.",
    )
    deadline = fields.Datetime(
        string="Deadline",
        readonly=True,
        help="When the question goes one step further if nobody answers.",
    )
    rule_id = fields.Many2one(
        comodel_name='sales.approval.rule',
        string="Rule",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    step_ids = fields.One2many(
        'sales.approval.request.step', 'request_id', string="Steps", readonly=True,
    )
    decision_ids = fields.One2many(
        'sales.approval.decision', 'request_id', string="Decisions", readonly=True,
    )
    approver_ids = fields.Many2many(
        comodel_name='res.users',
        string="Who Decides",
        compute='_compute_approver_ids',
        search='_search_approver_ids',
        compute_sudo=True,
        help="The users who can decide now, with the substitutes of those who are absent.",
    )
    is_my_turn = fields.Boolean(
        string="My Decision",
        compute='_compute_is_my_turn',
        search='_search_is_my_turn',
        compute_sudo=True,
    )
    can_cancel = fields.Boolean(compute='_compute_can_cancel')
    age_days = fields.Integer(string="Age (Days)", compute='_compute_age_days')
    version = fields.Integer(
        default=0,
        readonly=True,
        help="Counts the attempts to decide: parallel decisions meet on this column.",
    )

    _one_pending = models.UniqueIndex(
        "(res_model, res_id, kind) WHERE state = 'pending'",
        "An approval of this kind is already waiting for this document. Reload the page to see it.",
    )
    _live_idx = models.Index("(res_model, res_id) WHERE state IN ('pending', 'approved')")
    _deadline_idx = models.Index("(deadline) WHERE state = 'pending' AND deadline IS NOT NULL")
    _expires_idx = models.Index("(expires_on) WHERE state IN ('pending', 'approved')")

    # === SELECTION METHODS === #

    @api.model
    def _selection_kind(self):
        return self.env['sales.approval.rule']._fields['kind']._description_selection(self.env)

    # === COMPUTE METHODS === #

    @api.depends('res_model', 'res_id', 'subject_name')
    def _compute_subject_display(self):
        for res_model, requests in self.grouped('res_model').items():
            names = {}
            if res_model in self.env:
                subjects = self.env[res_model].browse(requests.mapped('res_id')).exists()
                names = {subject.id: subject._approval_subject_name() for subject in subjects}
            for request in requests:
                request.subject_display = names.get(request.res_id) or self.env._(
                    "%(document)s (deleted)", document=request.subject_name,
                )

    @api.model
    def _search_subject_display(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain('subject_name', operator, value)

    @api.depends('res_model', 'res_id', 'kind')
    def _compute_summary(self):
        self.summary = False
        row = Markup("<tr><th>%s</th><td>%s</td></tr>")
        for request, subject in self._get_subjects().items():
            lines = subject._approval_summary(request.kind)
            if lines:
                request.summary = Markup('<table class="table table-sm"><tbody>%s</tbody></table>') % (
                    Markup().join(row % line for line in lines)
                )

    @api.depends(
        'state', 'company_id', 'requested_by', 'step_ids.state', 'step_ids.open_approver_ids.active',
    )
    def _compute_approver_ids(self):
        open_steps = self.filtered(lambda r: r.state == 'pending').step_ids.filtered(
            lambda step: step.state == 'pending'
        )
        substitutes = self.env['sales.approval.substitute']._get_substitutes(
            open_steps.open_approver_ids
        )
        self.approver_ids = False
        for step in open_steps:
            request = step.request_id
            seats = request._eligible(step.open_approver_ids)
            stand_ins = request.env['res.users'].union(*(substitutes.get(seat, seat) for seat in seats))
            request.approver_ids = seats | request._eligible(stand_ins)

    @api.model
    def _search_approver_ids(self, operator, value):
        if operator == 'any':
            users = self.env['res.users'].search(value)
        elif operator == 'in' and all(isinstance(user_id, int) and user_id for user_id in value):
            users = self.env['res.users'].browse(value)
        else:
            return NotImplemented
        return self._decidable_domain(users)

    @api.depends('approver_ids')
    @api.depends_context('uid')
    def _compute_is_my_turn(self):
        for request in self:
            request.is_my_turn = self.env.user in request.approver_ids

    @api.model
    def _search_is_my_turn(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return self._decidable_domain(self.env.user)

    @api.model
    def _decidable_domain(self, users):
        """Return the domain of the requests that at least one of ``users`` can decide now.

        :param users: `res.users` records
        :rtype: Domain
        """
        principals = self.env['sales.approval.substitute']._get_principals(users)
        return Domain.OR(
            Domain('state', '=', 'pending')
            & Domain('requested_by', '!=', user.id)
            & Domain('company_id', 'in', user.sudo().company_ids.ids)
            & Domain('step_ids', 'any', [
                ('state', '=', 'pending'),
                ('open_approver_ids', 'in', [
                    user.id,
                    *(principal.id for principal in principals.get(user, ()) if principal.active),
                ]),
            ])
            for user in users.sudo() if user.active and not user.share
        )

    @api.depends('state', 'requested_by')
    @api.depends_context('uid')
    def _compute_can_cancel(self):
        is_director = self.env.user.has_group('sales_mgmt_addon.group_director')
        for request in self:
            request.can_cancel = request.state == 'pending' and (
                is_director or request.requested_by == self.env.user
            )

    @api.depends('create_date', 'closed_on')
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for request in self:
            asked_on = request.create_date or now
            request.age_days = ((request.closed_on or now) - asked_on).days

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._(
            "Approval requests stay on record and cannot be deleted. Cancel the request instead.",
        ))

    # === ACTION METHODS === #

    def action_approve(self, reason=None):
        """Approve the current step of each request as the current user.

        :param str reason: optional remark that is kept with the decision
        :raise AccessError: if the user is not one of those who decide now
        :raise UserError: if a request is already decided or its document is gone or got worse
        """
        for request in self.sorted('id'):
            request._decide('approve', reason)
        return True

    def action_reject(self, reason=None):
        """Reject each request as the current user.

        :param str reason: why; required
        :raise AccessError: if the user is not one of those who decide now
        :raise UserError: if there is no reason, or a request is already decided
        """
        for request in self.sorted('id'):
            request._decide('reject', reason)
        return True

    def action_delegate(self, user, reason=None):
        """Hand the current user's seat in the current step over to somebody else.

        :param user: `res.users` record or id
        :param str reason: optional remark that is kept with the decision
        :raise AccessError: if the current user is not one of those who decide now
        :raise UserError: if ``user`` cannot decide this request
        """
        user_id = user.id if isinstance(user, models.BaseModel) else int(user or 0)
        delegate = self.env['res.users'].browse(user_id).exists()
        if not delegate:
            raise UserError(self.env._("Choose the user who shall decide instead of you."))
        for request in self.sorted('id'):
            request._decide('delegate', reason, delegate=delegate)
        return True

    def action_cancel(self):
        """Withdraw pending requests; for the person who asked and for directors.

        :raise AccessError: if the user is neither
        :raise UserError: if a request is already decided
        """
        self.check_access('read')
        requests = self.sudo().with_context(self._safe_context())
        for request in self.sorted('id'):
            if request.requested_by != self.env.user \
                    and not self.env.user.has_group('sales_mgmt_addon.group_director'):
                raise AccessError(self.env._(
                    "Only %(asker)s, who asked, or a sales director can withdraw %(request)s.",
                    asker=request.requested_by.sudo().name, request=request.name,
                ))
        requests._lock_pending()
        requests._close('cancelled', self.env._("Withdrawn by %(user)s.", user=self.env.user.name))
        return True

    def action_open_subject(self):
        """Open the document the request is about.

        :raise UserError: if the document is gone
        :raise AccessError: if the user may not read it
        """
        self.ensure_one()
        self.check_access('read')
        subject = self._get_subject()
        subject.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'res_model': subject._name,
            'res_id': subject.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
        }

    def action_open_decide(self):
        """Open the wizard in which the current user decides; the verdict comes by the context."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Decide"),
            'res_model': 'sales.approval.decide',
            'view_mode': 'form',
            'target': 'new',
            'context': {
                'default_request_id': self.id,
                'default_verdict': self.env.context.get('verdict') or 'approve',
            },
        }

    # === BUSINESS METHODS - DECIDING === #

    def _decide(self, verdict, reason=None, payload=None, delegate=None):
        """Record the decision of the current user and do what follows from it.

        The first statement is an UPDATE of the request row: of several users who decide at the same
        moment one succeeds, the others are told that the request is already decided.

        :param str verdict: `approve`, `reject` or `delegate`
        :param str reason: required to reject
        :param dict payload: conditions of the decision, kept on it and read by other areas
        :param delegate: `res.users` record that takes the seat over, for `delegate`
        :return: the `sales.approval.decision` records, in sudo mode
        :raise AccessError: if the user is not one of those who decide now
        :raise UserError: if the request is already decided, or cannot be decided like that
        """
        self.ensure_one()
        self.check_access('read')
        request = self.sudo().with_context(self._safe_context())
        request._lock_pending()
        reason = (reason or "").strip()
        if verdict == 'reject' and not reason:
            raise UserError(self.env._("Say why you reject: the person who asked has to know."))
        subject = request._get_subject()
        step = request._current_step()
        seats = step._take_seats(self.env.user)
        if verdict == 'approve':
            request._check_covers(subject)
        elif verdict == 'delegate':
            step._check_delegate(delegate)
        decisions = step._record(verdict, seats, reason=reason, payload=payload, delegate=delegate)
        request._apply_verdict(verdict, step, seats, reason, delegate)
        return decisions

    def _lock_pending(self):
        """Bump the version of pending requests, which makes parallel decisions wait and fail.

        :raise UserError: if one of the requests is not pending any more
        """
        self.flush_recordset()
        rows = self.env.execute_query(SQL(
            """ UPDATE sales_approval_request SET version = version + 1
                WHERE id IN %s AND state = 'pending'
                RETURNING id """,
            tuple(self.ids) or (None,),
        ))
        self.invalidate_recordset(['version'])
        closed = (self - self.browse(id_ for [id_] in rows)).exists()
        if closed:
            raise UserError(self.env._(
                "%(request)s is already decided: %(state)s. Reload the page to see by whom.",
                request=closed[0].name, state=closed[0]._state_label(),
            ))
        if len(rows) != len(self):
            raise UserError(self.env._("This approval request does not exist any more."))

    def _check_covers(self, subject):
        """Refuse to approve facts that got worse since they were asked for."""
        self.ensure_one()
        current = subject._approval_facts(self.kind)
        if subject._approval_is_worse(self.fingerprint, current, self.kind):
            raise UserError(self.env._(
                "%(document)s has changed since the approval was asked for. Reject the request, or let"
                " %(asker)s ask again.",
                document=subject.display_name, asker=self.requested_by.name,
            ))

    def _apply_verdict(self, verdict, step, seats, reason, delegate=None):
        """Move the request on after a decision was recorded on ``step``.

        :param str verdict: `approve`, `reject` or `delegate`
        :param step: the current `sales.approval.request.step`
        :param seats: the `res.users` whose seats were used
        :param str reason: remark of the deciding user
        :param delegate: `res.users` record that takes over, for `delegate`
        """
        self.ensure_one()
        self._finish_activity(self.env.user, reason)
        self._drop_activities(step._seats_used(seats) - self.env.user)
        if verdict == 'delegate':
            step._hand_over(seats, delegate)
            self._log_decision(self.env._("handed over to %(user)s", user=delegate.sudo().name), reason)
        elif verdict == 'reject':
            step.state = 'rejected'
            self._log_decision(self.env._("rejected"), reason)
            self._finish('rejected')
        else:
            self._log_decision(self.env._("approved"), reason)
            step.open_approver_ids -= step._seats_used(seats)
            if step.mode == 'any' or not step.open_approver_ids:
                step.state = 'approved'
                self._open_next_step()

    def _finish(self, state):
        """Close the request as approved or rejected, tell everybody and call the document's hook.

        :param str state: `approved` or `rejected`
        """
        self.ensure_one()
        subject = self._get_subject()
        vals = {'state': state, 'closed_on': fields.Datetime.now(), 'deadline': False}
        if state == 'approved':
            vals['fingerprint'] = subject._approval_facts(self.kind)
            vals['expires_on'] = self._expiry_date(self.rule_id)
        self.write(vals)
        self.step_ids.filtered(lambda s: s.state in ('waiting', 'pending')).state = 'skipped'
        self._drop_activities()
        self._notify_asker()
        if state == 'approved':
            subject._approval_on_approved(self)
        else:
            subject._approval_on_rejected(self)

    def _open_next_step(self):
        """Open the next waiting step, or approve the request if there is none."""
        self.ensure_one()
        step = self.step_ids.filtered(lambda s: s.state == 'waiting').sorted('sequence')[:1]
        if step:
            step._open()
        else:
            self._finish('approved')

    # === BUSINESS METHODS - LIFE CYCLE === #

    @api.model
    def _create_for(self, subject, kind, reason=None):
        """Ask: create a request for a document, work out its steps and open the first one.

        :param subject: record of a model with the approval mixin
        :param str kind: kind of approval
        :param str reason: what the asker wants to say to the approvers
        :return: the request, in sudo mode; already approved if the asker stands above every step
        :raise UserError: if nobody can decide a step
        """
        company = subject._approval_company()
        vals = self._prepare_vals(subject, kind, company)
        rule = self.env['sales.approval.rule'].sudo().browse(vals['rule_id'])
        request = self.sudo().with_context(self._safe_context()).create({
            **vals,
            'reason': reason,
            'expires_on': self._expiry_date(rule),
            'name': self.env['ir.sequence'].sudo().with_company(company).next_by_code(
                'sales.approval.request'
            ),
        })
        request._create_steps()
        request._log_on_subjects({request: self.env._(
            "Approval asked for (%(kind)s): %(request)s", kind=request._kind_label(),
            request=request._get_html_link(),
        )})
        request._open_next_step()
        return request

    @api.model
    def _prepare_vals(self, subject, kind, company):
        """Return the facts of a new request and the rule that matches them."""
        amount = company.currency_id.round(subject._approval_amount(kind))
        threshold = subject._approval_threshold(kind)
        team = subject._approval_team(kind)
        return {
            'res_model': subject._name,
            'res_id': subject.id,
            'subject_name': subject._approval_subject_name(),
            'kind': kind,
            'state': 'pending',
            'amount': amount,
            'currency_id': company.currency_id.id,
            'threshold': threshold,
            'company_id': company.id,
            'team_id': team.id,
            'fingerprint': subject._approval_facts(kind),
            'requested_by': subject._approval_asker().id,
            'rule_id': self.env['sales.approval.rule']._match(kind, company, team, amount, threshold).id,
            'version': 0,
        }

    def _create_steps(self):
        """Freeze the steps of the rule on the request; without a rule the director decides."""
        self.ensure_one()
        vals_list = [step._prepare_request_step_vals() for step in self.rule_id.step_ids]
        if not vals_list:
            vals_list = [{'approver_type': 'director', 'mode': 'any', 'skip_if_above': True}]
        steps = self.env['sales.approval.request.step'].create([
            {
                **vals,
                'request_id': self.id,
                'sequence': index,
                'start_level': START_LEVELS[vals['approver_type']],
            }
            for index, vals in enumerate(vals_list, 1)
        ])
        for step in steps:
            if step.skip_if_above and step._asker_stands_above():
                step.state = 'skipped'
                step._record('skip', self.requested_by, reason=self.env._("The asker stands above this step."))
            else:
                step._assign()

    def _close(self, state, reason, call_hooks=True):
        """Make requests void or cancelled, say so at their documents and call the hooks.

        The cost does not depend on the number of requests, apart from the hooks.

        :param str state: `void` or `cancelled`
        :param str reason: why, a whole sentence
        :param bool call_hooks: whether the documents do what follows; not if it is asked anew at once
        """
        self._close_quietly(state, reason)
        self._log_on_subjects({
            request: self.env._(
                "Approval %(request)s (%(kind)s) is %(state)s. %(reason)s",
                request=request._get_html_link(), kind=request._kind_label(),
                state=request._state_label().lower(), reason=reason,
            )
            for request in self
        })
        for request, subject in self._get_subjects().items() if call_hooks else ():
            if state == 'void':
                subject._approval_on_void(request)
            else:
                subject._approval_on_cancelled(request)

    def _close_quietly(self, state, reason):
        """Make requests void or cancelled without a word at their documents."""
        self.step_ids.filtered(lambda s: s.state in ('waiting', 'pending')).write({'state': 'skipped'})
        self.write({
            'state': state,
            'close_reason': reason,
            'closed_on': fields.Datetime.now(),
            'deadline': False,
        })
        # the next request for the same document may be created before this one is flushed
        self.flush_recordset(['state'])
        self._drop_activities()

    def _expiry_date(self, rule):
        """Return the last day on which a request or approval under ``rule`` is valid, or False."""
        days = rule.validity_days if rule else DEFAULT_VALIDITY_DAYS
        return fields.Date.today() + timedelta(days=days) if days else False

    # === BUSINESS METHODS - SCHEDULED === #

    @api.model
    def _cron_follow_up(self):
        """Escalate overdue steps, let old requests lapse, cancel those whose document is gone."""
        self._cron_batch(
            [('state', '=', 'pending'), ('deadline', '<=', fields.Datetime.now())], '_escalate',
        )
        self._cron_batch(
            [('state', 'in', ('pending', 'approved')), ('expires_on', '<', fields.Date.today())],
            '_expire',
        )
        self._cron_batch([('id', 'in', self._find_orphans().ids), ('state', '=', 'pending')], '_close_orphan')

    @api.model
    def _cron_batch(self, domain, method):
        """Call ``method`` on each request of ``domain``, committing after each one.

        A request that cannot be treated is logged and does not stop the others.

        :param list domain: which requests
        :param str method: name of a method for one request
        """
        requests = self.search(domain, order='id')
        cron = self.env['ir.cron']
        cron._commit_progress(remaining=len(requests))
        for request_id in requests.ids:
            # drop the prefetch: it would be read again after each commit
            request = self.browse(request_id).try_lock_for_update().filtered_domain(domain)
            if request:
                try:
                    with self.env.cr.savepoint():
                        getattr(request, method)()
                except Exception:
                    _logger.exception("Approval request %s: %s failed", request_id, method)
            if not cron._commit_progress(1):
                break

    def _escalate(self):
        """Take the current step away from approvers who did not answer in time."""
        self.ensure_one()
        self._lock_pending()
        self._current_step()._escalate()

    def _expire(self):
        """Let a request or an unused approval lapse; an approval in use stays as it is."""
        self.ensure_one()
        subject = self._get_subject(raise_if_gone=False)
        if self.state == 'approved' and subject and subject._approval_is_spent(self.kind):
            self.expires_on = False
        else:
            self._close('void', self.env._("It was valid until %(date)s.", date=self.expires_on))

    @api.model
    def _find_orphans(self):
        """Return the pending requests whose document does not exist any more."""
        pending = self.search([('state', '=', 'pending')])
        return pending - self.union(*pending._get_subjects())

    def _close_orphan(self):
        self._close_quietly('cancelled', self.env._("The document was deleted."))

    # === BUSINESS METHODS - TELLING PEOPLE === #

    def _log_decision(self, verdict_label, reason):
        """Write a line about a decision of the current user into the document's chatter."""
        self.ensure_one()
        values = {
            'request': self._get_html_link(), 'kind': self._kind_label(),
            'verdict': verdict_label, 'user': self.env.user.name,
        }
        if reason:
            body = self.env._(
                "Approval %(request)s (%(kind)s) %(verdict)s by %(user)s: %(reason)s",
                reason=reason, **values,
            )
        else:
            body = self.env._("Approval %(request)s (%(kind)s) %(verdict)s by %(user)s", **values)
        self._log_on_subjects({self: body})

    def _log_on_subjects(self, bodies):
        """Post notes in the chatter of documents, one statement per model.

        :param dict bodies: `{request: text}`
        """
        per_model = {}
        for request, subject in self.union(*bodies)._get_subjects().items():
            notes = per_model.setdefault(subject._name, {})
            known = notes.get(subject.id)
            notes[subject.id] = known + Markup("<br/>") + bodies[request] if known else bodies[request]
        for res_model, notes in per_model.items():
            self.env[res_model].browse(notes)._message_log_batch(notes)

    def _notify_asker(self):
        """Tell the asker how his request ended, unless he did it himself."""
        self.ensure_one()
        asker = self.requested_by
        if asker == self.env.user or not asker.active:
            return
        request = self.with_context(lang=asker.lang)
        request.message_notify(
            subject=request.env._(
                "%(document)s: %(state)s", document=request.subject_display, state=request._state_label(),
            ),
            body=request.env._(
                "Your request %(request)s (%(kind)s) was decided by %(user)s: %(state)s.",
                request=request._get_html_link(), kind=request._kind_label(),
                user=self.env.user.name, state=request._state_label(),
            ),
            partner_ids=asker.partner_id.ids,
        )

    def _schedule_activities(self, users):
        """Put the request on the to-do list of the given users."""
        self.ensure_one()
        deadline = self.deadline or (self.expires_on and fields.Datetime.to_datetime(self.expires_on))
        for user in users:
            self.activity_schedule(
                ACTIVITY_TYPE,
                date_deadline=fields.Datetime.context_timestamp(
                    self.with_context(tz=user.tz or 'UTC'), deadline or fields.Datetime.now()
                ).date(),
                summary=self.with_context(lang=user.lang).env._(
                    "Decide: %(document)s", document=self.subject_name,
                ),
                user_id=user.id,
            )

    def _finish_activity(self, user, feedback=None):
        """Mark the to-do of ``user`` as done.

        :param user: `res.users` record
        :param str feedback: remark of the user
        """
        self.activity_feedback([ACTIVITY_TYPE], user_id=user.id, feedback=feedback or None)

    def _drop_activities(self, users=None):
        """Remove the to-dos of ``users``, by default of everybody."""
        if users is None:
            self.activity_unlink([ACTIVITY_TYPE])
        else:
            self.activity_search([ACTIVITY_TYPE], additional_domain=[('user_id', 'in', users.ids)]).unlink()

    # === GETTERS === #

    def _get_subject(self, raise_if_gone=True):
        """Return the document of the request.

        :param bool raise_if_gone: whether a missing document is an error
        :return: record in the environment of ``self``, empty if it is gone
        :raise UserError: if the document is gone
        """
        self.ensure_one()
        subject = self._get_subjects().get(self)
        if subject:
            return subject
        if raise_if_gone:
            raise UserError(self.env._(
                "The document %(document)s does not exist any more, so there is nothing to decide."
                " Withdraw the request %(request)s.",
                document=self.subject_name, request=self.name,
            ))
        return self.browse()

    def _get_subjects(self):
        """Return the documents that still exist, with one query per model.

        :return: `{request: record in the environment of the request}`
        :rtype: dict
        """
        subjects = {}
        for res_model, requests in self.grouped('res_model').items():
            if res_model in self.env:
                existing = self.env[res_model].browse(requests.mapped('res_id')).exists()
                for request in requests.filtered(lambda r, ids=set(existing.ids): r.res_id in ids):
                    subject = existing.browse(request.res_id).with_prefetch(existing._prefetch_ids)
                    subjects[request] = subject.with_company(request.company_id) if self.env.su else subject
        return subjects

    def _current_step(self):
        """Return the step that waits for a decision."""
        self.ensure_one()
        return self.step_ids.filtered(lambda step: step.state == 'pending')[:1]

    def _eligible(self, users):
        """Return those of ``users`` who may decide this request at all, in sudo mode.

        Never: the asker, archived and portal users, users without access to the company.
        """
        self.ensure_one()
        company, asker = self.company_id.id, self.requested_by
        return users.sudo().filtered(
            lambda user: user.active and not user.share and user != asker and company in user.company_ids.ids
        )

    def _kind_label(self):
        self.ensure_one()
        return dict(self._selection_kind()).get(self.kind, self.kind)

    def _state_label(self):
        self.ensure_one()
        return dict(self._fields['state']._description_selection(self.env))[self.state]

    @api.model
    def _safe_context(self):
        """Return the part of the caller's context that may reach the evidence and the hooks."""
        return {key: self.env.context[key] for key in SAFE_CONTEXT_KEYS if key in self.env.context}
