from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmTeam(models.Model):
    _inherit = 'crm.team'
    _parent_store = True

    parent_id = fields.Many2one(
        comodel_name='crm.team',
        string="Parent Team",
        index=True,
        check_company=True,
        ondelete='restrict',
        help="The region or team this team belongs to. Its leader is asked when a decision goes one"
             " level up.",
    )
    child_ids = fields.One2many('crm.team', 'parent_id', string="Child Teams")
    parent_path = fields.Char(index=True)
    approval_leader_ids = fields.Many2many(
        comodel_name='res.users',
        string="Leaders in Line",
        compute='_compute_approval_leader_ids',
        search='_search_approval_leader_ids',
        compute_sudo=True,
        help="The leader of this team and the leaders of the teams above it.",
    )

    # === COMPUTE METHODS === #

    @api.depends('parent_path', 'user_id')
    def _compute_approval_leader_ids(self):
        for team in self:
            team.approval_leader_ids = team._approval_path().user_id

    def _search_approval_leader_ids(self, operator, value):
        if operator != 'in':
            return NotImplemented
        led_teams = self.sudo().with_context(active_test=False)._search([('user_id', 'in', value)])
        return Domain('id', 'child_of', list(led_teams))

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.get('parent_id'):
            self._check_new_parent(self.browse(vals['parent_id']))
        return super().write(vals)

    def _check_new_parent(self, parent):
        """Refuse a parent that is one of these teams or lies below one of them.

        :param parent: the future parent, a `crm.team` record
        :raise UserError: if the teams would become their own ancestors
        """
        looping = parent._approval_path() & self
        if looping:
            raise UserError(self.env._(
                "%(parent)s cannot be the parent of %(team)s, because it is this team or lies below"
                " it. Choose a parent team from another branch.",
                parent=parent.sudo().display_name, team=looping[0].display_name,
            ))

    # === TOOLING === #

    def _approval_path(self):
        """Return this team and the teams above it, from the bottom to the top.

        :return: `crm.team` records in sudo mode, nearest first; empty for an empty record
        """
        if not self:
            return self.sudo()
        self.ensure_one()
        team = self.sudo()
        ids = [int(label) for label in (team.parent_path or '').split('/') if label]
        return team.browse(reversed(ids)) if ids else team
