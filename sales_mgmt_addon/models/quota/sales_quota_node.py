from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...internal import grant, granted
from .inputs import check_id, check_text

INNER_TYPES = ('company', 'region', 'team')
# Which types may lie below which
CHILD_TYPES = {
    False: ('company',),
    'company': ('region', 'team', 'reserve'),
    'region': ('region', 'team', 'person', 'reserve'),
    'team': ('person', 'reserve'),
    'person': (),
    'reserve': (),
}
SERVER_FIELDS = frozenset({
    'acknowledged_on', 'acknowledged_by_id', 'position', 'level', 'parent_path', 'origin_id', 'company_id', 'plan_state',
})
FIXED_FIELDS = frozenset({'plan_id', 'type', 'team_id', 'user_id'})
# What counts for a target is settled with it
FILTER_FIELDS = frozenset({'product_category_id', 'segment_domain', 'channel'})


class SalesQuotaNode(models.Model):
    """One seat in the tree of a plan: the company, a region, a team, a person, or what is held in reserve."""

    _name = 'sales.quota.node'
    _description = "Quota Node"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _parent_store = True
    _order = 'plan_id, position, id'
    # who may read a target may talk about it
    _mail_post_access = 'read'

    name = fields.Char(
        string="Name", compute='_compute_name', store=True, precompute=True, readonly=False, required=True)
    plan_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Plan", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='plan_id.currency_id')
    plan_state = fields.Selection(related='plan_id.state', string="Plan Status", store=True)
    parent_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Parent", index=True, ondelete='cascade',
        help="Whoever is moved in a published plan gets a second seat there from the current month on; what was sold"
             " before stays with the first one.")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many('sales.quota.node', 'parent_id', string="Children")
    sequence = fields.Integer(string="Sequence", default=10)
    position = fields.Integer(
        string="Position", readonly=True, copy=False, aggregator=None, help="Place in the tree, from the top.")
    level = fields.Integer(string="Level", readonly=True, copy=False, aggregator=None)
    type = fields.Selection(
        selection=[
            ('company', "Company"),
            ('region', "Region"),
            ('team', "Team"),
            ('person', "Person"),
            ('reserve', "Reserve"),
        ],
        string="Type", required=True, index=True)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", index=True, ondelete='restrict',
        help="Of a region or team; of a person, the team in which he has this target.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", index=True, ondelete='restrict',
        domain=[('share', '=', False)])
    date_start = fields.Date(string="Joins On", help="Of a person who joins during the year.")
    date_end = fields.Date(string="Leaves On", help="Of a person who leaves during the year: the last day.")
    product_category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='restrict',
        help="Only products of this category and the categories below it count.")
    segment_domain = fields.Char(
        string="Customer Segment", help="Only customers that match this domain count, for example a grade.")
    channel = fields.Char(string="Channel", help="Only entries of this channel count.")
    cell_ids = fields.One2many('sales.quota.cell', 'node_id', string="Cells")
    origin_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Copied From", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The same seat in the version or plan this one was copied from.")
    indented_name = fields.Char(string="Node", compute='_compute_indented_name')
    total_target = fields.Float(
        string="Target of the Year", compute='_compute_totals', digits=(16, 2),
        help="In the first metric of the plan.")
    other_targets = fields.Char(string="Other Targets", compute='_compute_totals')
    # agreement
    acknowledged_on = fields.Datetime(string="Acknowledged On", readonly=True, copy=False)
    acknowledged_by_id = fields.Many2one(
        comodel_name='res.users', string="Acknowledged By", readonly=True, copy=False, ondelete='restrict')
    proposal_reason = fields.Text(string="Reason of the Proposal", copy=False)

    _one_reserve = models.UniqueIndex("(parent_id) WHERE type = 'reserve'", "A node has one reserve only.")
    _one_company = models.UniqueIndex("(plan_id) WHERE type = 'company'", "The tree of a plan has one company at its top.")
    _seat_unique = models.UniqueIndex(
        "(plan_id, type, team_id, COALESCE(user_id, 0), COALESCE(product_category_id, 0), COALESCE(segment_domain, ''),"
        " COALESCE(channel, '')) WHERE type IN ('region', 'team', 'person')",
        "The plan has this team, or this person in this team, already.")

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'team_id', 'plan_id.company_id', 'type')
    def _compute_name(self):
        for node in self:
            if node.type == 'reserve':
                node.name = self.env._("Reserve")
            else:
                node.name = node.user_id.name or node.team_id.name or node.plan_id.company_id.name

    @api.depends('name', 'type', 'parent_id.name', 'team_id.name')
    @api.depends_context('lang')
    def _compute_display_name(self):
        labels = (self | self.sudo().parent_id)._get_labels()
        for node in self:
            if node.type == 'reserve' and node.sudo().parent_id:
                node.display_name = self.env._("%(node)s: reserve", node=labels[node.sudo().parent_id.id])
            else:
                node.display_name = labels[node.id]

    @api.depends('name', 'level', 'team_id.name')
    @api.depends_context('lang')
    def _compute_indented_name(self):
        labels = self._get_labels()
        for node in self:
            node.indented_name = '\u2003' * node.level + (labels[node.id] or '')

    def _get_labels(self):
        """Return how nodes are called in the language of the reader.

        The stored name has the language of whoever built the tree. A team that nobody gave another name in
        the plan is called as it is called elsewhere.

        :return: label per node id
        :rtype: dict
        """
        teams = self.sudo().team_id.with_context(prefetch_langs=True)
        teams.mapped('name')  # in all languages by one query
        languages = [code for code, _name in self.env['res.lang'].get_installed()]
        names = {team: {team.with_context(lang=code).name for code in languages} for team in teams}
        labels = {}
        for node in self.sudo():
            team = node.team_id
            if node.type == 'reserve':
                labels[node.id] = self.env._("Reserve")
            elif node.type in ('region', 'team') and node.name in names.get(team, ()):
                labels[node.id] = team.name
            else:
                labels[node.id] = node.name
        return labels

    @api.depends('cell_ids.amount', 'plan_id.metric_line_ids.metric_id')
    def _compute_totals(self):
        totals = {
            (node.id, metric.id): total if metric.is_additive else average
            for node, metric, total, average in self.env['sales.quota.cell']._read_group(
                [('node_id', 'in', self.ids)], ['node_id', 'metric_id'], ['amount:sum', 'amount:avg'])
        }
        for node in self:
            plan = node.plan_id
            first, *others = plan.metric_line_ids.metric_id or [plan.metric_line_ids.metric_id]
            node.total_target = totals.get((node._origin.id, first.id), 0.0)
            node.other_targets = ' · '.join(
                f"{metric.name} {plan._format_target(totals[node._origin.id, metric.id], metric)}"
                for metric in others if totals.get((node._origin.id, metric.id)))

    # === CONSTRAINT METHODS === #

    @api.constrains('type', 'parent_id', 'plan_id', 'team_id', 'user_id')
    def _check_place(self):
        """A node fits below its parent, and has the team or user its type demands."""
        for node in self:
            parent = node.parent_id
            if parent and parent.plan_id != node.plan_id:
                raise ValidationError(self.env._("%(node)s and its parent belong to different plans.", node=node.name))
            node._check_fits(parent)
            if node.type in ('region', 'team', 'person') and not node.team_id:
                raise ValidationError(self.env._(
                    "%(node)s has no sales team. Everybody has his target in a team: choose it.", node=node.name))
            if node.type == 'person' and not node.user_id:
                raise ValidationError(self.env._("Choose the salesperson of %(node)s.", node=node.name))
            if node.type != 'person' and node.user_id:
                raise ValidationError(self.env._("Only a node of a person can have a salesperson."))
            if node.type in ('person', 'reserve') and node.team_id != parent.team_id:
                raise ValidationError(self.env._(
                    "%(node)s lies below %(parent)s and must have the same sales team.",
                    node=node.name, parent=parent.name))

    def _check_fits(self, parent):
        """Refuse to place a node below one whose type does not allow it.

        :param parent: the future parent, may be empty
        :raise ValidationError: with what a plan looks like
        """
        if self.type not in CHILD_TYPES[parent.type]:
            types = dict(self._fields['type']._description_selection(self.env))
            raise ValidationError(self.env._(
                "%(node)s is of type %(type)s and cannot be placed below %(parent)s. A plan goes from the company"
                " over regions and teams to persons.",
                node=self.name, type=types[self.type], parent=parent.name or self.env._("nothing")))

    @api.constrains('team_id', 'user_id', 'plan_id')
    def _check_people(self):
        for node in self.sudo():
            company = node.plan_id.company_id
            if node.team_id.company_id and node.team_id.company_id != company:
                raise ValidationError(self.env._(
                    "%(team)s belongs to another company than the plan %(plan)s.",
                    team=node.team_id.name, plan=node.plan_id.display_name))
            user = node.user_id
            if user and (user.share or company not in user.company_ids):
                raise ValidationError(self.env._(
                    "%(user)s is no internal user of %(company)s and cannot have a target in its plan.",
                    user=user.name, company=company.name))

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for node in self:
            start, end = node.date_start, node.date_end
            if (start or end) and node.type != 'person':
                raise ValidationError(self.env._("Only a person joins or leaves."))
            if start and end and start > end:
                raise ValidationError(self.env._("%(node)s cannot leave before joining.", node=node.name))
            if (start and start > node.plan_id.date_to) or (end and end < node.plan_id.date_from):
                raise ValidationError(self.env._(
                    "%(node)s would be away for the whole year of %(plan)s.",
                    node=node.name, plan=node.plan_id.display_name))

    # === CRUD METHODS === #

    @api.model
    def default_get(self, fields):
        """Override: neither a context nor a default of a user sets what only the server sets."""
        return super().default_get([name for name in fields if name not in SERVER_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        """Create nodes, each inner one with its reserve."""
        if not granted(self, 'quota.node'):
            if any(SERVER_FIELDS & vals.keys() or vals.get('type') == 'reserve' for vals in vals_list):
                raise UserError(self.env._("Reserves and acknowledgements come by themselves and are not entered by hand."))
            self.check_access('create')
            plans = self.env['sales.quota.plan'].browse(
                {check_id(self, vals.get('plan_id')) for vals in vals_list} - {None})
            for plan in plans.exists():
                plan._lock_edits()
                plan._check_open()
        nodes = super().create(vals_list)
        if not granted(self, 'quota.node'):
            nodes._check_created()
        inner = nodes.filtered(lambda node: node.type in INNER_TYPES)
        if inner:
            grant(self.sudo(), 'quota.node').create([node._prepare_reserve_vals() for node in inner])
        if not granted(self, 'quota.tree'):
            nodes.sudo().plan_id._renumber()
        return nodes

    def _check_created(self):
        """Refuse what came in by defaults instead of values."""
        for plan in self.sudo().plan_id:
            plan._check_open()
        self._check_no_reserve()

    def _prepare_reserve_vals(self):
        self.ensure_one()
        return {
            'plan_id': self.plan_id.id,
            'parent_id': self.id,
            'type': 'reserve',
            'team_id': self.team_id.id,
            'sequence': 1000,
        }

    def write(self, vals):
        if granted(self, 'quota.node'):
            return super().write(vals)
        if SERVER_FIELDS & vals.keys():
            raise UserError(self.env._("Acknowledgements and the place in the tree are not entered by hand."))
        structure = FIXED_FIELDS | FILTER_FIELDS | {'parent_id', 'date_start', 'date_end'}
        if structure & vals.keys():
            self.check_access('write')
            for plan in self.sudo().plan_id:
                plan._check_open()
            self._check_fixed(vals)
        if vals.get('parent_id'):
            parent = self.browse(check_id(self, vals['parent_id'])).exists()
            (self.filtered(lambda node: node.parent_id != parent))._move(parent)
            vals = {name: value for name, value in vals.items() if name != 'parent_id'}
        res = super().write(vals)
        if 'sequence' in vals:
            self.sudo().plan_id._renumber()
        return res

    def _check_fixed(self, vals):
        """Refuse to turn a node into another one: targets and their history belong to who had them.

        :raise UserError: with what to do instead
        """
        for node in self:
            changed = [name for name in FIXED_FIELDS & vals.keys() if self._is_other(node, name, vals[name])]
            if changed and (node.plan_state != 'draft' or changed != ['user_id'] or node.type != 'person'):
                raise UserError(self.env._(
                    "%(node)s keeps its plan, type, team and person. Add another node instead, or move this one.",
                    node=node.name))
            if node.plan_state != 'draft' and any(self._is_other(node, name, vals[name]) for name in FILTER_FIELDS & vals.keys()):
                raise UserError(self.env._(
                    "What counts for %(node)s was published with the target. Make a revision of the plan.", node=node.name))
            if node.type == 'reserve' and {'parent_id', 'date_start', 'date_end'} & vals.keys():
                raise UserError(self.env._("A reserve stays with its parent."))
            if 'parent_id' in vals and not vals['parent_id'] and node.type != 'company':
                raise UserError(self.env._("%(node)s needs a parent.", node=node.name))

    def _check_no_reserve(self):
        if any(node.type == 'reserve' for node in self):
            raise UserError(self.env._("A reserve goes only with its parent."))

    def _is_other(self, node, name, value):
        """Tell whether a value differs from the one of a node."""
        old = node[name].id if name.endswith('_id') else node[name]
        return (old or False) != (value or False)

    def unlink(self):
        """Delete nodes with all below them; their amounts go to the reserve of the parent.

        :raise UserError: if the plan is no draft: a published target is part of the history
        """
        if granted(self, 'quota.node'):
            return super().unlink()
        self.check_access('unlink')
        self._check_no_reserve()
        tops = self.filtered(lambda node: not any(other != node and node._is_below(other) for other in self))
        for plan, nodes in tops.grouped('plan_id').items():
            plan.sudo()._remove_nodes(nodes.sudo())
        return True

    # === ACTION METHODS === #

    def action_move(self, parent_id, reason=None, month=None):
        """Move nodes below another parent, with their targets.

        :param int parent_id: id of the new parent in the same plan
        :param str reason: why
        :param month: first of the month from which a person of a published plan works there, as date or text;
            default: the current month. In a draft the whole year moves
        :return: True
        :raise ValidationError: for what is no node, text or month
        :raise UserError: if the plan is not open or the place does not fit
        """
        self.check_access('write')
        parent_id = check_id(self, parent_id)
        self._check_fixed({'parent_id': parent_id})
        self._move(self.browse(parent_id).exists(), check_text(self, reason), month)
        return True

    def action_open_cells(self):
        """Open the targets of the node by month."""
        return self._open_related('sales_mgmt_addon.sales_quota_cell_action')

    def action_open_changes(self):
        """Open who changed the targets of the node and why."""
        return self._open_related('sales_mgmt_addon.sales_quota_change_action')

    def _open_related(self, xmlid):
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        return {**action, 'domain': [('node_id', '=', self.id)], 'context': {}}

    # === BUSINESS METHODS === #

    def _move(self, parent, reason=None, month=None):
        """Move nodes with all below them. Sums stay exact: see :meth:`Cascade.move`.

        Persons of a published plan who are at work already get another seat instead: :meth:`_transfer`.

        :param parent: the new parent node
        :param str reason: why, kept with the changes
        :param month: from when on, in a published plan
        :raise UserError: if the plan is not open or the place does not fit
        """
        for plan, nodes in self.grouped('plan_id').items():
            if not parent or parent.plan_id != plan:
                raise UserError(self.env._("Choose a parent in the same plan."))
            looping = nodes.filtered(lambda node: parent == node or parent._is_below(node))
            if looping:
                raise UserError(self.env._(
                    "%(parent)s lies below %(node)s and cannot become its parent.",
                    parent=parent.name, node=looping[0].name))
            for node in nodes:
                node._check_fits(parent)
            plan._lock_edits()
            plan._check_open()
            if plan.sudo().state == 'published':
                nodes -= nodes._transfer(parent, reason, month)
            cascade = plan._load_cascade()
            names = {node: node.parent_id.name for node in nodes}
            for node in nodes:
                cascade.move(node.id, parent.id)
            trusted = grant(nodes.sudo(), 'quota.node')
            persons = trusted.filtered(lambda node: node.type == 'person')
            # a person has the target in the team it lies in
            persons.write({'parent_id': parent.id, 'team_id': parent.team_id.id})
            (trusted - persons).write({'parent_id': parent.id})
            plan._save_cascade(cascade, reason or self.env._("Moved to %(parent)s", parent=parent.name))
            plan.sudo()._renumber()
            nodes.sudo()._message_log_batch({
                node.id: self.env._("Moved from %(old)s to %(new)s.", old=names[node], new=parent.name)
                for node in nodes})

    def _is_below(self, other):
        return (self.parent_path or '').startswith(other.parent_path or '/')

    def _get_cells(self, metrics=None):
        """Return the targets of nodes, in one query.

        :param metrics: `sales.metric` records; default: all
        :return: amount per (node id, metric id, month date); what is missing is 0
        :rtype: dict
        """
        self.check_access('read')
        domain = [('node_id', 'in', self.ids)]
        if metrics is not None:
            domain.append(('metric_id', 'in', metrics.ids))
        cells = self.env['sales.quota.cell'].search_fetch(domain, ['node_id', 'metric_id', 'month', 'amount'])
        return {(cell.node_id.id, cell.metric_id.id, cell.month): cell.amount for cell in cells}

    def _has_filters(self):
        """Tell whether the node counts only a part of the business: a category, a segment or a channel."""
        return bool(self.product_category_id or self.segment_domain or self.channel)

    def _has_left(self):
        """Tell whether a person is not there any more, or a team was given up."""
        node = self.sudo()
        return bool(node.date_end or (node.user_id and not node.user_id.active) or (node.team_id and not node.team_id.active))
