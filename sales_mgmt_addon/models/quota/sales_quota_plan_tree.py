from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...internal import grant


class SalesQuotaPlan(models.Model):
    """The tree of a plan: made from the sales teams, kept in order, compared with the teams of now."""

    _inherit = 'sales.quota.plan'

    # === ACTION METHODS === #

    def action_build_tree(self):
        """Add what the tree lacks: the company, its regions and teams, and their members.

        Nothing is moved or deleted, so that it can be repeated. A team with teams below it is a region;
        its own members come directly below it. Teams without any member are left out.

        :raise UserError: if the plan is not open
        """
        self.check_access('write')
        for plan in self:
            plan._lock_edits()
            plan._check_open()
            plan._build_tree()
        return True

    def action_check_tree(self):
        """Say how the tree differs from the sales teams.

        :return: a notification
        :raise AccessError: for others than sales administrators and directors
        """
        self.ensure_one()
        self.check_access('read')
        if not self._is_quota_admin():
            raise AccessError(self.env._("Only sales administrators and directors compare plans with the teams."))
        differences = self._check_tree()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning' if differences else 'success',
                'sticky': bool(differences),
                'message': '\n'.join(d['message'] for d in differences) or self.env._("The tree agrees with the sales teams."),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === BUSINESS METHODS === #

    def _build_tree(self):
        self.ensure_one()
        Node = grant(self.env['sales.quota.node'].sudo(), 'quota.tree').with_context(
            tracking_disable=True, mail_create_nolog=True)
        nodes = self.sudo().node_ids.with_env(Node.env)
        root = nodes.filtered(lambda node: node.type == 'company') or Node.create({'plan_id': self.id, 'type': 'company'})
        members = self._get_tree_members()
        by_team = {
            node.team_id: node for node in nodes
            if node.type in ('region', 'team') and not node._has_filters()
        }
        teams = self._get_tree_teams(members)
        for level in teams:
            wanted = level.filtered(lambda team: team not in by_team)
            made = Node.create([{
                'plan_id': self.id,
                'parent_id': by_team.get(team.parent_id, root).id,
                'type': 'region' if team in self.env['crm.team'].union(*teams).parent_id else 'team',
                'team_id': team.id,
                'sequence': team.sequence,
            } for team in wanted])
            by_team.update(zip(wanted, made, strict=True))
        seated = {(node.team_id, node.user_id) for node in nodes if node.type == 'person'}
        Node.create([{
            'plan_id': self.id, 'parent_id': by_team[team].id, 'type': 'person', 'team_id': team.id, 'user_id': user.id,
        } for team, user in members if team in by_team and (team, user) not in seated])
        self._renumber()

    def _get_tree_members(self):
        """Return who sells in which team of the company.

        :return: pairs (`crm.team`, `res.users`), in sudo mode
        """
        company = self.company_id
        members = self.env['crm.team.member'].sudo().search([
            ('crm_team_id.active', '=', True),
            ('crm_team_id.company_id', 'in', [False, company.id]),
            ('user_id.active', '=', True),
            ('user_id.share', '=', False),
            ('user_id.company_ids', 'in', company.ids),
        ], order='crm_team_id, id')
        return [(member.crm_team_id, member.user_id) for member in members]

    def _get_tree_teams(self, members):
        """Return the teams with members and the teams above them, level by level from the top.

        :param members: from :meth:`_get_tree_members`
        :return: list of `crm.team` recordsets in sudo mode
        """
        Team = self.env['crm.team'].sudo()
        teams = Team.union(*(team._approval_path() for team in Team.union(*(team for team, _user in members))))
        teams = teams.filtered(lambda team: team.active and team.company_id in (Team.company_id, self.sudo().company_id))
        levels, level = [], teams.filtered(lambda team: team.parent_id not in teams)
        while level:
            levels.append(level.sorted(lambda team: (team.sequence, team.id)))
            level = teams.filtered(lambda team, above=level: team.parent_id in above)
        return levels

    def _check_tree(self):
        """Compare the tree with the sales teams of now. The tree keeps its own order until somebody moves nodes.

        :return: dicts with ``code``, ``node_id`` (or False) and ``message``, which says what to do
        :rtype: list[dict]
        """
        self.ensure_one()
        nodes = self.sudo().node_ids
        teams = {node.team_id: node for node in nodes if node.type in ('region', 'team')}
        members = set(self._get_tree_members())
        differences = []

        def note(code, node, message):
            differences.append({'code': code, 'node_id': node and node.id, 'message': message})

        for team, node in teams.items():
            expected = team.parent_id if team.parent_id in teams else team.browse()
            if not team.active:
                note('archived_team', node, self.env._(
                    "Team %(team)s is archived. Move its people to other teams of the plan.", team=team.name))
            elif node.parent_id.team_id != expected:
                note('moved_team', node, self.env._(
                    "Team %(team)s now belongs to %(parent)s. Move its node there, or leave it until the next plan.",
                    team=team.name, parent=team.parent_id.name or self.company_id.name))
        persons = nodes.filtered(lambda node: node.type == 'person')
        for node in persons:
            if not node.user_id.active:
                note('archived_user', node, self.env._(
                    "%(user)s is archived. Enter the last day, and give the rest of the target to others.",
                    user=node.user_id.name))
            elif (node.team_id, node.user_id) not in members and not node.date_end:
                note('left_member', node, self.env._(
                    "%(user)s is no member of %(team)s any more. Enter the last day, or move the node.",
                    user=node.user_id.name, team=node.team_id.name))
        seated = {(node.team_id, node.user_id) for node in persons}
        # a leader may well have no target of his own
        missing = [(team, user) for team, user in members - seated if user != team.user_id]
        for team, user in sorted(missing, key=lambda pair: (pair[0].id, pair[1].id)):
            note('new_member', False, self.env._(
                "%(user)s is a member of %(team)s but has no target. Update the tree.", user=user.name, team=team.name))
        return differences

    def _remove_nodes(self, nodes):
        """Delete nodes with all below them from a draft; the reserves of their parents take the amounts.

        :param nodes: nodes in sudo mode, none of which lies below another
        :raise UserError: if the plan is no draft
        """
        self._lock_edits()
        self._check_open()
        if self.state != 'draft':
            raise UserError(self.env._(
                "Targets of a published plan are part of the history. Set the target to 0, enter the last day of a"
                " person, or make a revision of %(plan)s.", plan=self.display_name))
        below = nodes.search([('id', 'child_of', nodes.ids)])
        upper = nodes.filtered('parent_id')
        if upper:
            cascade = self._load_cascade()
            for node in upper:
                cascade.remove(node.id)
            self._save_cascade(cascade, self.env._("%(nodes)s deleted", nodes=', '.join(upper.mapped('name'))))
        self._message_log(body=self.env._("Nodes deleted: %(nodes)s", nodes=', '.join(
            node.name for node in below if node.type != 'reserve')))
        # the database deletes what lies below together with it
        grant(below.sorted('level', reverse=True), 'quota.node').unlink()
        self._renumber()

    def _renumber(self):
        """Number the nodes of plans from the top of the tree: by sequence and name, the reserve last."""
        self.env['sales.quota.node'].flush_model(['parent_id', 'sequence', 'name', 'plan_id', 'type'])
        self.env.cr.execute(SQL(
            """
            WITH RECURSIVE tree AS (
                SELECT id, plan_id, 0 AS level, ARRAY[]::text[] AS place
                  FROM sales_quota_node
                 WHERE parent_id IS NULL AND plan_id = ANY(%(plans)s)
                 UNION ALL
                SELECT n.id, n.plan_id, tree.level + 1, tree.place || ARRAY[
                           CASE WHEN n.type = 'reserve' THEN '1' ELSE '0' END,
                           lpad(COALESCE(n.sequence, 0)::text, 10, '0'), n.name, lpad(n.id::text, 10, '0')]
                  FROM sales_quota_node n
                  JOIN tree ON n.parent_id = tree.id
            ), numbered AS (
                SELECT id, level, row_number() OVER (PARTITION BY plan_id ORDER BY place) AS position FROM tree
            )
            UPDATE sales_quota_node n
               SET position = numbered.position, level = numbered.level
              FROM numbered
             WHERE n.id = numbered.id
               AND (n.position, n.level) IS DISTINCT FROM (numbered.position::int, numbered.level)
            """, plans=self.ids))
        self.env['sales.quota.node'].invalidate_model(['position', 'level'], flush=False)
        self.env['sales.quota.plan'].invalidate_model(['node_ids'], flush=False)
        self.env['sales.quota.node'].invalidate_model(['child_ids'], flush=False)
