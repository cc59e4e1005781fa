from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...internal import grant
from .inputs import check_text

ACKNOWLEDGE = 'sales_mgmt_addon.mail_activity_type_acknowledge'
PROPOSAL = 'sales_mgmt_addon.mail_activity_type_proposal'
DAYS_TO_ACKNOWLEDGE = 7


class SalesQuotaNode(models.Model):
    """What a person and his leader agree on: proposals from below, acknowledgement of what was published."""

    _inherit = 'sales.quota.node'

    has_proposal = fields.Boolean(
        string="Has a Proposal", compute='_compute_has_proposal', search='_search_has_proposal')
    agreement = fields.Selection(
        selection=[
            ('open', "Not acknowledged"),
            ('done', "Acknowledged"),
        ],
        string="Acknowledgement", compute='_compute_agreement', search='_search_agreement',
        help="Of persons in a published plan.")
    is_mine = fields.Boolean(compute='_compute_is_mine')
    can_decide = fields.Boolean(compute='_compute_can_decide')

    # === COMPUTE METHODS === #

    @api.depends('cell_ids.has_proposal')
    def _compute_has_proposal(self):
        found = dict(self.env['sales.quota.cell']._read_group(
            [('node_id', 'in', self.ids), ('has_proposal', '=', True)], ['node_id'], ['__count']))
        for node in self:
            node.has_proposal = bool(found.get(node._origin))

    def _search_has_proposal(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return [('cell_ids', 'any' if True in value else 'not any', [('has_proposal', '=', True)])]

    @api.depends('plan_state', 'type', 'acknowledged_on')
    def _compute_agreement(self):
        for node in self:
            wanted = node.type == 'person' and node.plan_state == 'published'
            node.agreement = wanted and ('done' if node.acknowledged_on else 'open')

    def _search_agreement(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = [('type', '=', 'person'), ('plan_state', '=', 'published')]
        if 'open' in value and 'done' in value:
            return domain
        return [*domain, ('acknowledged_on', '=' if 'open' in value else '!=', False)]

    @api.depends_context('uid')
    @api.depends('user_id')
    def _compute_is_mine(self):
        for node in self:
            node.is_mine = node.user_id == self.env.user

    @api.depends_context('uid')
    @api.depends('parent_path')
    def _compute_can_decide(self):
        editable = self.env['sales.quota.plan']._get_editable_nodes(self._origin)
        for node in self:
            node.can_decide = node._origin in editable

    # === ACTION METHODS - PROPOSALS === #

    def action_propose(self, proposals, reason=None):
        """Say what oneself can reach; leaders see it beside the target.

        :param list proposals: (metric id, month, amount); what was proposed before and is not named stays
        :param str reason: what speaks for it
        :raise AccessError: if the user is not the person himself
        :raise UserError: if the plan is not open
        """
        self.ensure_one()
        self.check_access('read')
        self._check_own(self.env._("Only %(user)s proposes his own targets.", user=self.user_id.sudo().name))
        plan = self.plan_id
        if not proposals:
            raise UserError(self.env._("Enter at least one amount."))
        reason = check_text(self, reason) or ''
        try:
            proposals = [(metric, month, amount) for metric, month, amount in proposals]
        except (TypeError, ValueError):
            raise ValidationError(self.env._("A proposal consists of metric, month and amount.")) from None
        wishes = [(plan._check_metric(metric), plan._check_month(month), plan._check_amount(amount))
                  for metric, month, amount in proposals]
        plan._lock_edits()
        plan._check_open({month for _metric, month, _amount in wishes})
        if any(amount < 0 for _metric, _month, amount in wishes):
            raise UserError(self.env._("A target cannot be negative."))
        withdrawn = self._write_proposals(wishes)
        node = self.sudo()
        grant(node, 'quota.node').proposal_reason = reason
        if not node.cell_ids.filtered('has_proposal'):
            if not withdrawn:
                raise UserError(self.env._("These are the targets already: there is nothing to propose."))
            node._post_as_user(self.env._("Proposal withdrawn. %(reason)s", reason=reason))
            node._close_proposal_activities()
            return True
        node._post_as_user(self.env._("Proposed: %(totals)s. %(reason)s", totals=self._describe_proposal(), reason=reason))
        leaders = node._get_leaders() - self.env.user
        node._schedule(leaders[:1], PROPOSAL, self.env._("%(user)s proposes other targets", user=node.name))
        return True

    def _write_proposals(self, wishes):
        """Keep what differs from the targets as proposals.

        :param wishes: tuples (metric, month, amount)
        :return: whether a former proposal was taken back
        :rtype: bool
        """
        plan, node, withdrawn = self.plan_id, self.sudo(), False
        for metric, month, amount in wishes:
            amount = plan._to_amount(plan._to_units(amount, metric), metric)
            cell = node.env['sales.quota.cell']._get_or_make(node, metric, month)
            differs = plan._to_units(amount - cell.amount, metric) != 0
            withdrawn |= cell.has_proposal and not differs
            if differs or cell.has_proposal:
                grant(cell, 'quota.cell').write({'proposed': amount if differs else 0.0, 'has_proposal': differs})
        return withdrawn

    def action_accept_proposal(self, absorb='reserve', reason=None):
        """Make what the person proposed his target.

        :param str absorb: where the difference goes: ``reserve``, ``siblings`` or ``parent``
        :param str reason: kept with the changes
        :return: True
        :raise AccessError: if the user may not change the target
        :raise UserError: if there is no proposal, or nobody can take the difference
        """
        self.ensure_one()
        cells, reason = self._get_proposed_cells(), check_text(self, reason)
        _changed, request = self.plan_id._change_cells(
            [(self, cell.metric_id, cell.month, cell.proposed, None) for cell in cells],
            absorb, reason or self.env._("Proposal of %(user)s", user=self.name), cause='proposal')
        if request:
            return request._open()
        self._finish_proposal(cells, self.env._("Proposal accepted. %(reason)s", reason=reason or ''))
        return True

    def action_decline_proposal(self, reason=None):
        """Leave the target as it is.

        :param str reason: why; required, because the person has to know
        :raise AccessError: if the user may not change the target
        """
        self.ensure_one()
        cells, reason = self._get_proposed_cells(), check_text(self, reason)
        self.plan_id._check_may_edit(self)
        if not reason:
            raise UserError(self.env._("Say why: %(user)s has to know.", user=self.name))
        self._finish_proposal(cells, self.env._("Proposal declined. %(reason)s", reason=reason))
        return True

    def _get_proposed_cells(self):
        """Return the cells with an open proposal, in sudo mode.

        :raise UserError: if there is none
        """
        self.check_access('read')
        cells = self.sudo().cell_ids.filtered('has_proposal')
        if not cells:
            raise UserError(self.env._("%(node)s has no open proposal.", node=self.name))
        return cells

    def _finish_proposal(self, cells, message):
        grant(cells, 'quota.cell').write({'has_proposal': False})
        self.sudo()._post_as_user(message)
        self.sudo()._close_proposal_activities()

    def _close_proposal_activities(self):
        self.activity_feedback([PROPOSAL])

    def _describe_proposal(self):
        """Return the proposed and the assigned sum of the year per metric, for people."""
        parts = []
        for metric, cells in self.sudo().cell_ids.filtered('has_proposal').grouped('metric_id').items():
            parts.append(self.env._(
                "%(metric)s %(proposed)s instead of %(assigned)s", metric=metric.name,
                proposed=self.plan_id._format_target(sum(cells.mapped('proposed')), metric),
                assigned=self.plan_id._format_target(sum(cells.mapped('amount')), metric)))
        return ', '.join(parts)

    # === ACTION METHODS - ACKNOWLEDGEMENT === #

    def action_acknowledge(self):
        """Take note of the own target of a published plan.

        :raise AccessError: if the user is not the person himself
        :raise UserError: if the plan is not published
        """
        self.check_access('read')
        for node in self:
            node._check_own(self.env._("Only %(user)s acknowledges his own target.", user=node.user_id.sudo().name))
            if node.plan_state != 'published' or node.plan_id._is_replaced():
                raise UserError(self.env._("%(plan)s is not the valid published plan.", plan=node.plan_id.display_name))
            if node.acknowledged_on:
                continue
            grant(node.sudo(), 'quota.node').write({
                'acknowledged_on': fields.Datetime.now(), 'acknowledged_by_id': self.env.uid})
            node.sudo().activity_feedback([ACKNOWLEDGE])
            node.sudo()._post_as_user(self.env._("Target acknowledged."))
        return True

    def _check_own(self, message):
        if self.type != 'person' or self.user_id != self.env.user:
            raise AccessError(message)

    def _ask_acknowledgement(self):
        """Put the acknowledgement on the to-do list of persons who have it not there yet. In sudo mode."""
        nodes = self.filtered(lambda node: node.type == 'person' and node.user_id.active and not node.acknowledged_on)
        asked = set(nodes.activity_search([ACKNOWLEDGE]).mapped('res_id'))
        deadline = fields.Date.context_today(self) + timedelta(days=DAYS_TO_ACKNOWLEDGE)
        Activity = self.env['mail.activity'].with_context(mail_activity_quick_update=True)
        Activity.create([{
            'activity_type_id': self.env.ref(ACKNOWLEDGE).id,
            'res_model_id': self.env['ir.model']._get_id(self._name),
            'res_id': node.id,
            'user_id': node.user_id.id,
            'date_deadline': deadline,
            'automated': True,
            'summary': node.with_context(lang=node.user_id.lang).env._(
                "Acknowledge your target: %(plan)s", plan=node.plan_id.name),
        } for node in nodes if node.id not in asked])

    def _renew_acknowledgement(self):
        """Ask persons again whose published target has changed. In sudo mode."""
        persons = self.filtered(lambda node: node.type == 'person')
        agreed = persons.filtered('acknowledged_on')
        if agreed:
            grant(agreed, 'quota.node').write({'acknowledged_on': False, 'acknowledged_by_id': False})
            agreed._message_log_batch(dict.fromkeys(
                agreed.ids, self.env._("The target has changed and has to be acknowledged again.")))
        persons._ask_acknowledgement()

    def _keep_acknowledgement(self):
        """Take over the acknowledgement of the former version where the targets are the same. In sudo mode.

        :return: the nodes that keep it
        """
        self.env['sales.quota.cell'].flush_model()
        differing = {id_ for [id_] in self.env.execute_query(SQL(
            """
            SELECT n.id
              FROM sales_quota_node n
              LEFT JOIN sales_quota_cell c ON c.node_id IN (n.id, n.origin_id)
             WHERE n.id = ANY(%s)
             GROUP BY n.id, c.metric_id, c.month
            HAVING COALESCE(SUM(CASE WHEN c.node_id = n.id THEN c.amount ELSE -c.amount END), 0) <> 0
            """, self.ids))}
        kept = self.filtered(lambda node: node.origin_id.acknowledged_on and node.id not in differing)
        for node in kept:
            grant(node, 'quota.node').write({
                'acknowledged_on': node.origin_id.acknowledged_on,
                'acknowledged_by_id': node.origin_id.acknowledged_by_id.id})
        return kept

    # === CRON METHODS === #

    @api.model
    def _cron_chase_acknowledgements(self):
        """Ask who was not asked yet, and tell the leader of those who are late, once each."""
        domain = [
            ('type', '=', 'person'), ('plan_state', '=', 'published'), ('acknowledged_on', '=', False),
            ('user_id.active', '=', True),
        ]
        nodes = self.search(domain)
        nodes = nodes.filtered(lambda node: not node.plan_id._is_replaced())
        self.env['ir.cron']._commit_progress(remaining=len(nodes))
        nodes._ask_acknowledgement()
        self.env['ir.cron']._commit_progress()
        late = nodes.activity_search([ACKNOWLEDGE], additional_domain=[
            ('date_deadline', '<', fields.Date.context_today(self))]).mapped('res_id')
        for node in nodes:
            node = node[0].try_lock_for_update().filtered_domain(domain)
            if node and node.id in late:
                leaders = node._get_leaders() - node.user_id
                node._schedule(leaders[:1], ACKNOWLEDGE, self.env._(
                    "%(user)s has not acknowledged the target", user=node.name))
            if not self.env['ir.cron']._commit_progress(1):
                return

    # === TOOLING === #

    def _get_leaders(self):
        """Return who leads the person: the leader of the team, then those above it. Note: self.ensure_one()"""
        self.ensure_one()
        path = self.sudo().team_id._approval_path()
        leaders = self.env['res.users'].sudo().union(*(team.user_id for team in path))
        return leaders.filtered('active')

    def _schedule(self, user, xmlid, summary):
        """Put the node on somebody's to-do list, unless it is there."""
        for node in self:
            if user and not node.activity_search([xmlid], user_id=user.id):
                node.activity_schedule(xmlid, summary=summary, user_id=user.id)

    def _post_as_user(self, body):
        """Write into the chatter in the name of the user, who may have no write access."""
        self.ensure_one()
        self.message_post(
            body=body, author_id=self.env.user.partner_id.id, subtype_xmlid='mail.mt_note', message_type='comment')
