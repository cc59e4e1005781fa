from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...internal import grant

# levels of approvers: outside the team tree, an index in the path of teams, or the top
LEVEL_NAMED = -1
LEVEL_DIRECTOR = 1000
START_LEVELS = {
    'user': LEVEL_NAMED,
    'group': LEVEL_NAMED,
    'team_leader': 0,
    'parent_team_leader': 1,
    'director': LEVEL_DIRECTOR,
}


class SalesApprovalRequestStep(models.Model):
    """A step of one request: the facts of the rule as they were when it was asked."""

    _name = 'sales.approval.request.step'
    _inherit = ['sales.approval.step.mixin']
    _description = "Approval Request Step"
    _order = 'request_id, sequence, id'

    request_id = fields.Many2one(
        comodel_name='sales.approval.request',
        string="Request",
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    sequence = fields.Integer(string="Sequence", readonly=True)
    rule_step_id = fields.Many2one(
        comodel_name='sales.approval.rule.step',
        string="Step of the Rule",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    start_level = fields.Integer(
        string="Asked Level",
        readonly=True,
        help="Where to look for approvers. -1: the named user or group; 0: the leader of the team;"
             " 1: the leader of its parent team, and so on; 1000: the sales directors.",
    )
    level = fields.Integer(
        string="Level",
        readonly=True,
        help="Where approvers were found; higher than asked if a level was vacant.",
    )
    approver_ids = fields.Many2many(
        comodel_name='res.users',
        relation='sales_approval_request_step_approver_rel',
        context={'active_test': False},
        string="Approvers",
        readonly=True,
    )
    open_approver_ids = fields.Many2many(
        comodel_name='res.users',
        relation='sales_approval_request_step_open_rel',
        context={'active_test': False},
        string="Still to Decide",
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ('waiting', "Waiting"),
            ('pending', "To Decide"),
            ('approved', "Approved"),
            ('rejected', "Rejected"),
            ('skipped', "Skipped"),
            ('escalated', "Escalated"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default='waiting',
        index=True,
    )
    deadline = fields.Datetime(string="Deadline", readonly=True)

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The steps of approval requests stay on record and cannot be deleted."))

    # === BUSINESS METHODS - WHO DECIDES === #

    def _assign(self):
        """Work out who decides this step.

        :raise UserError: if nobody can, with the names of the rule and the step
        """
        self.ensure_one()
        users, level = self._find_approvers()
        if not users:
            request = self.request_id
            raise UserError(self.env._(
                "Nobody can decide the step “%(step)s” of the approval rule “%(rule)s” for"
                " %(document)s: there is no active user with access to %(company)s besides the asker."
                " Ask an administrator to correct the rule or the sales directors.",
                step=self.display_name, rule=request.rule_id.name or self.env._("no rule matches"),
                document=request.subject_name, company=request.company_id.name,
            ))
        self.write({'approver_ids': [Command.set(users.ids)], 'level': level})

    def _find_approvers(self, above=None):
        """Return who decides the step and on which level they stand.

        Where nobody is left on a level (it is vacant, or its leader is the asker), the next one is
        asked: team leader, leaders of the teams above, directors.

        :param int above: only look at levels above this one; default: where the step says
        :return: (`res.users` in sudo mode, level)
        :rtype: tuple
        """
        self.ensure_one()
        request = self.request_id
        if above is None:
            named = self._named_approvers()
            if named:
                return named, LEVEL_NAMED
            start = self.start_level if self.start_level >= 0 else LEVEL_DIRECTOR
        elif above >= LEVEL_DIRECTOR:
            return self.env['res.users'], LEVEL_DIRECTOR
        else:
            start = LEVEL_DIRECTOR if above == LEVEL_NAMED else above + 1
        seen = self.approver_ids if above is not None else self.env['res.users']
        for level, team in enumerate(request.team_id._approval_path()):
            users = request._eligible(team.user_id - seen)
            if level >= start and users:
                return users, level
        return self._group_members(self._director_group()) - seen, LEVEL_DIRECTOR

    def _frozen_vals(self):
        """Return the facts that a step made by escalation takes over."""
        self.ensure_one()
        return {
            'request_id': self.request_id.id,
            'rule_step_id': self.rule_step_id.id,
            'mode': 'any',
            'deadline_hours': self.deadline_hours,
            'skip_if_above': self.skip_if_above,
        }

    def _named_approvers(self):
        """Return the approvers whom the step names itself: a user or the members of a group."""
        if self.start_level != LEVEL_NAMED:
            return self.env['res.users']
        if self.approver_type == 'user':
            return self.request_id._eligible(self.user_id)
        return self._group_members(self.group_id)

    def _group_members(self, group):
        """Return the members of ``group`` who may decide this request."""
        if not group:
            return self.env['res.users']
        request = self.request_id
        return self.env['res.users'].sudo().with_context(active_test=True).search([
            ('all_group_ids', 'in', group.ids),
            ('company_ids', 'in', request.company_id.ids),
            ('share', '=', False),
            ('id', '!=', request.requested_by.id),
        ])

    def _director_group(self):
        return self.env.ref('sales_mgmt_addon.group_director')

    def _asker_stands_above(self):
        """Tell whether the asker leads a team above the approver's, or is a director over him."""
        self.ensure_one()
        asker = self.request_id.requested_by
        if self.approver_type == 'director':
            return False
        if asker.has_group('sales_mgmt_addon.group_director'):
            return True
        if self.start_level == LEVEL_NAMED:
            return False
        return asker in self.request_id.team_id._approval_path()[self.start_level + 1:].user_id

    # === BUSINESS METHODS - DECIDING === #

    def _open(self):
        """Ask the approvers of this step, found anew: people may have changed since."""
        self.ensure_one()
        request = self.request_id
        self._assign()
        deadline = self._plan_deadline()
        self.write({
            'state': 'pending',
            'open_approver_ids': [Command.set(self.approver_ids.ids)],
            'deadline': deadline,
        })
        request.deadline = deadline
        request._drop_activities()
        request._schedule_activities(request.approver_ids)

    def _plan_deadline(self):
        """Return when the time of the step is over, in working hours of the company, or False."""
        self.ensure_one()
        if not self.deadline_hours:
            return False
        now = fields.Datetime.now()
        calendar = self.request_id.company_id.resource_calendar_id
        planned = calendar and calendar.plan_hours(self.deadline_hours, now, compute_leaves=True)
        return planned or now + timedelta(hours=self.deadline_hours)

    def _take_seats(self, user):
        """Return the seats that ``user`` holds in this step, his own and those he stands in for.

        :param user: `res.users` record
        :return: `res.users` records whose decision he can take
        :raise AccessError: if he holds none
        """
        self.ensure_one()
        request = self.request_id
        if request.requested_by == user:
            raise AccessError(self.env._(
                "You asked for this approval yourself; somebody else has to decide it: %(users)s.",
                users=", ".join(request.approver_ids.mapped('name')),
            ))
        principals = self.env['sales.approval.substitute']._get_principals(user)
        holders = user | principals.get(user, user)
        seats = self.open_approver_ids & request._eligible(holders)
        if not seats or not request._eligible(user):
            raise AccessError(self.env._(
                "It is not your turn to decide %(request)s. It waits for: %(users)s.",
                request=request.name, users=", ".join(request.approver_ids.mapped('name')) or "-",
            ))
        return seats

    def _seats_used(self, seats):
        """Return the seats that one decision of the current user uses up.

        Where all must agree, he agrees for everybody he stands in for; else his own seat comes first.
        """
        if self.mode == 'all':
            return seats
        return (seats & self.env.user) or seats[:1]

    def _record(self, verdict, seats, reason=None, payload=None, delegate=None):
        """Write down a decision, one row per seat that it uses.

        :param str verdict: verdict of the decision
        :param seats: `res.users` whose seats are used
        :param str reason: remark
        :param dict payload: conditions
        :param delegate: `res.users` record that takes over
        :return: the new `sales.approval.decision` records
        """
        self.ensure_one()
        request = self.request_id
        subject = request._get_subject(raise_if_gone=False)
        facts = subject._approval_facts(request.kind) if subject else False
        by_system = verdict in ('skip', 'escalate')
        users = seats[:1] if by_system else self._seats_used(seats)
        return grant(self.env['sales.approval.decision'], 'approval.decision').create([{
            'request_id': request.id,
            'step_id': self.id,
            'user_id': seat.id if by_system else self.env.user.id,
            'on_behalf_of_id': False if by_system or seat == self.env.user else seat.id,
            'delegate_id': delegate.id if delegate else False,
            'verdict': verdict,
            'reason': reason or False,
            'payload': payload or False,
            'fingerprint': facts,
            'decided_on': fields.Datetime.now(),
        } for seat in users])

    def _check_delegate(self, delegate):
        """Raise a UserError unless the question can be handed over to ``delegate``."""
        self.ensure_one()
        request = self.request_id
        if delegate == request.requested_by:
            raise UserError(self.env._(
                "%(user)s asked for this approval and cannot decide it.", user=delegate.sudo().name,
            ))
        if delegate in self.open_approver_ids or delegate == self.env.user:
            raise UserError(self.env._(
                "%(user)s is already asked to decide. Choose somebody else.", user=delegate.sudo().name,
            ))
        if not request._eligible(delegate):
            raise UserError(self.env._(
                "%(user)s cannot decide: only active internal users with access to %(company)s can.",
                user=delegate.sudo().name, company=request.company_id.name,
            ))

    def _hand_over(self, seats, delegate):
        """Give the seats of the current user in this step to ``delegate``."""
        self.ensure_one()
        self.write({
            'approver_ids': [Command.link(delegate.id)],
            'open_approver_ids': [
                *(Command.unlink(seat.id) for seat in self._seats_used(seats)),
                Command.link(delegate.id),
            ],
        })
        self.request_id._schedule_activities(delegate.sudo())

    def _escalate(self):
        """Pass an overdue step on: to the next step or, if there is none, one level up."""
        self.ensure_one()
        request = self.request_id
        later = request.step_ids.filtered(lambda step: step.state == 'waiting')
        if not later:
            users, level = self._find_approvers(above=self.level)
            if not users:
                # nobody stands above: the question stays where it is, the watch stops
                self.deadline = request.deadline = False
                return
            later = self.create({
                **self._frozen_vals(),
                'sequence': self.sequence + 1,
                'approver_type': 'director' if level == LEVEL_DIRECTOR else 'parent_team_leader',
                'start_level': level,
            })
        self.state = 'escalated'
        self._record('escalate', self.env.user, reason=self.env._("Nobody decided in time."))
        request._log_on_subjects({request: self.env._(
            "Approval %(request)s (%(kind)s) was not decided in time and goes one level up.",
            request=request._get_html_link(), kind=request._kind_label(),
        )})
        later.sorted('sequence')[0]._open()

    @api.model
    def _replace_lost_approvers(self, users):
        """Ask somebody else where an open step waits for users who cannot decide any more.

        :param users: `res.users` records that were archived or lost a company
        """
        steps = self.search([('state', '=', 'pending'), ('open_approver_ids', 'in', users.ids)])
        for step in steps:
            request = step.request_id
            lost = step.open_approver_ids - request._eligible(step.open_approver_ids)
            if not lost:
                continue
            left = step.open_approver_ids - lost
            level = step.level
            if not left:
                left, level = step._find_approvers()
            if not left:
                continue
            step.write({
                'approver_ids': [Command.set((step.approver_ids - lost | left).ids)],
                'open_approver_ids': [Command.set(left.ids)],
                'level': level,
            })
            request._drop_activities()
            request._schedule_activities(request.approver_ids)
