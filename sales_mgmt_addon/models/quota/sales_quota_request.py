from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant, granted


class SalesQuotaRequest(models.Model):
    """A wish to change the target of a parent beyond what the asker may do alone. Applied when approved."""

    _name = 'sales.quota.request'
    _description = "Quota Request"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'sales.approval.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Name", required=True, readonly=True)
    plan_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Plan", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='plan_id.currency_id')
    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, readonly=True, index=True, ondelete='cascade',
        help="The first of the nodes whose target shall change.")
    team_id = fields.Many2one(related='node_id.team_id', store=True, index='btree_not_null')
    requested_by = fields.Many2one(
        comodel_name='res.users', string="Asked By", required=True, readonly=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user)
    reason = fields.Text(string="Reason", readonly=True)
    absorb = fields.Selection(
        selection=[('reserve', "Reserve"), ('siblings', "Siblings"), ('parent', "Parent")],
        string="Difference Goes To", required=True, readonly=True, default='parent')
    wishes = fields.Json(
        string="Wishes", readonly=True, help="Node, metric, month, wished amount and amount at the time of asking.")
    wishes_html = fields.Html(string="Wished Changes", compute='_compute_wishes_html', compute_sudo=True, sanitize=False)
    amount = fields.Float(
        string="Change in All", digits=(16, 2), readonly=True, aggregator=None, help="In the unit of the metric.")
    state = fields.Selection(
        selection=[
            ('submitted', "To Approve"),
            ('applied', "Applied"),
            ('rejected', "Rejected"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='submitted', index=True, group_expand=True)

    # === COMPUTE METHODS === #

    @api.depends('wishes')
    def _compute_wishes_html(self):
        row = Markup("<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s</td></tr>")
        head = Markup("<tr><th>%s</th><th class='text-end'>%s</th><th class='text-end'>%s</th></tr>") % (
            self.env._("Target"), self.env._("Before"), self.env._("Wished"))
        for request in self:
            rows = [
                row % (cell, request.plan_id._format_target(before, metric), request.plan_id._format_target(after, metric))
                for cell, metric, before, after in request._get_wish_lines()
            ]
            request.wishes_html = Markup('<table class="table table-sm">%s%s</table>') % (head, Markup().join(rows))

    def _get_wish_lines(self):
        """Return name of the cell, metric, amount at the time of asking and wished amount."""
        Metric = self.env['sales.metric']
        return [
            (self.plan_id._describe(node, (metric, fields.Date.to_date(month))), Metric.browse(metric), before, after)
            for node, metric, month, after, before in self.wishes or []
        ]

    # === CRUD METHODS === #

    @api.model
    def default_get(self, fields):
        """Override: neither a context nor a default of a user decides a request."""
        values = super().default_get([name for name in fields if name not in ('state', 'company_id', 'team_id')])
        return {**values, 'state': 'submitted'} if 'state' in fields else values

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, 'quota.request'):
            raise AccessError(self.env._("A request is made by changing a target, not by hand."))
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, 'quota.request'):
            raise AccessError(self.env._("A request is decided, not edited. Take it back and change the target anew."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Requests stay in the history. Take the request back instead."))

    # === ACTION METHODS === #

    def action_cancel(self):
        """Take the request back, as its author or a sales administrator.

        :raise AccessError: if the user is neither
        :raise UserError: if it was decided
        """
        self.check_access('read')
        for request in self:
            if request.requested_by != self.env.user and not request.plan_id._is_quota_admin():
                raise AccessError(self.env._(
                    "Only %(user)s or a sales administrator can take the request back.",
                    user=request.requested_by.sudo().name))
            if request.state != 'submitted':
                raise UserError(self.env._("This request was decided already."))
            request._set({'state': 'cancelled'})
            request.sudo()._approval_withdraw(reason=self.env._("The request was taken back."))
        return True

    def _open(self):
        """Return the action that shows the request."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': self.id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _ask_for(self, plan, wishes, absorb, reason):
        """Make a request instead of changes, and ask.

        :param plan: the `sales.quota.plan`
        :param dict wishes: (amount, expected) in whole units per (node id, (metric id, month))
        :return: the request, in the environment of the user
        """
        cascade = plan._load_cascade({key[0] for _n, key in wishes}, {key[1] for _n, key in wishes})
        lines, total = [], 0.0
        for (node, key), (amount, _expected) in wishes.items():
            metric = self.env['sales.metric'].sudo().browse(key[0])
            before, after = plan._to_amount(cascade.get(node, key), metric), plan._to_amount(amount, metric)
            lines.append([node, key[0], fields.Date.to_string(key[1]), after, before])
            total += after - before
        first = self.env['sales.quota.node'].sudo().browse(lines[0][0])
        request = grant(self.sudo(), 'quota.request').create({
            'name': self.env._("Target of %(node)s in %(plan)s", node=first.name, plan=plan.display_name),
            'plan_id': plan.id, 'node_id': first.id, 'requested_by': self.env.uid, 'reason': reason,
            'absorb': absorb, 'wishes': lines, 'amount': round(total, 2),
        }).with_env(self.env)
        request.sudo()._approval_ask('quota', reason=reason)
        return request

    def _set(self, vals):
        grant(self.sudo(), 'quota.request').write(vals)

    # === APPROVAL SUBJECT === #

    def _approval_kinds(self):
        return super()._approval_kinds() + ['quota']

    def _approval_amount(self, kind):
        return abs(self.amount) if kind == 'quota' else super()._approval_amount(kind)

    def _approval_summary(self, kind):
        lines = [
            (cell, f"{self.plan_id._format_target(before, metric)} → {self.plan_id._format_target(after, metric)}")
            for cell, metric, before, after in self._get_wish_lines()
        ]
        return super()._approval_summary(kind) + [(self.env._("Plan"), self.plan_id.display_name), *lines]

    def _approval_fingerprint(self, kind):
        """The wishes, and what they would replace: somebody may have changed it meanwhile."""
        cells = self.env['sales.quota.node'].sudo().browse([wish[0] for wish in self.wishes or []])._get_cells()
        return {
            'wishes': self.wishes,
            'now': [cells.get((wish[0], wish[1], fields.Date.to_date(wish[2])), 0.0) for wish in self.wishes or []],
        }

    def _approval_is_spent(self, kind):
        return self.state == 'applied'

    def _approval_on_approved(self, request):
        super()._approval_on_approved(request)
        reason = self.env._("%(reason)s (approved: %(request)s)", reason=self.reason or self.name, request=request.name)
        self.sudo().plan_id._change_cells(
            [(node, metric, month, amount, before) for node, metric, month, amount, before in self.wishes],
            self.absorb, reason, author=self.requested_by)
        self._set({'state': 'applied'})
        nodes = self.env['sales.quota.node'].sudo().browse({wish[0] for wish in self.wishes})
        nodes.filtered(lambda node: not node.has_proposal)._close_proposal_activities()

    def _approval_on_rejected(self, request):
        super()._approval_on_rejected(request)
        self._set({'state': 'rejected'})

    def _approval_on_void(self, request):
        super()._approval_on_void(request)
        if self.state == 'submitted':
            self._set({'state': 'cancelled'})

    def _approval_on_cancelled(self, request):
        super()._approval_on_cancelled(request)
        if self.state == 'submitted':
            self._set({'state': 'cancelled'})
