from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...internal import grant


class SalesQuotaNode(models.Model):
    """People who change team while a plan is in force: what was before stays with the team in which it was sold."""

    _inherit = 'sales.quota.node'

    def _transfer(self, parent, reason=None, month=None):
        """Give persons of a published plan another seat from a month on, with their targets of these months.

        Entries are counted in the team of their day. A seat that merely moved would lose what was sold before.

        :param parent: the new parent node, which fits
        :param str reason: why, kept with the changes
        :param month: first of a month; default: the current one
        :return: the seats that ended. The others were not taken up yet, or stay in their team, and can move as a whole
        :raise UserError: for teams and regions, who has left, and who has a target in that team already
        """
        plan = self.plan_id
        settled = self.filtered(lambda node: node.type != 'person')
        if settled:
            raise UserError(self.env._(
                "%(node)s cannot be moved while %(plan)s is in force. Make a revision of the plan and move it there.",
                node=settled[0].name, plan=plan.sudo().display_name))
        month = plan._get_transfer_month(month)
        plan._check_open([other for other in plan.sudo()._get_months() if other >= month])
        seats = self.filtered(
            lambda node: node.team_id != parent.team_id and max(node.date_start or plan.date_from, plan.date_from) < month)
        for seat in seats.sudo():
            successor = seat._get_successor(parent, month)
            seat._hand_over(successor, month, reason or self.env._("Moved to %(parent)s", parent=parent.name))
        return seats

    def _get_successor(self, parent, month):
        """Return the seat of the same person below another parent, new or still without targets. In sudo mode.

        :param date month: from when on
        :raise UserError: if the person has left, or has targets there already
        """
        self.ensure_one()
        if self.date_end and self.date_end < month:
            raise UserError(self.env._(
                "%(node)s left on %(date)s. Choose an earlier month.", node=self.name, date=self.date_end))
        vals = self._prepare_successor_vals(parent, month)
        same = self.search([(name, '=', vals[name] or False) for name in (
            'plan_id', 'type', 'team_id', 'user_id', 'product_category_id', 'segment_domain', 'channel')])
        if same and (same.parent_id != parent or any(same.cell_ids.mapped('amount'))):
            raise UserError(self.env._(
                "%(node)s has a target in %(team)s already. Change the dates and amounts of that one instead.",
                node=self.name, team=parent.name))
        if not same:
            return grant(self.browse(), 'quota.node').create(vals)
        grant(same, 'quota.node').write({name: vals[name] for name in ('date_start', 'date_end', 'origin_id')})
        return same

    def _prepare_successor_vals(self, parent, month):
        """Return the values of the seat that takes over."""
        self.ensure_one()
        return {
            'name': self.name,
            'plan_id': self.plan_id.id,
            'parent_id': parent.id,
            'type': 'person',
            'team_id': parent.team_id.id,
            'user_id': self.user_id.id,
            'sequence': self.sequence,
            'date_start': month,
            'date_end': self.date_end,
            'product_category_id': self.product_category_id.id,
            'segment_domain': self.segment_domain,
            'channel': self.channel,
            'origin_id': self.id,
        }

    def _hand_over(self, successor, month, reason):
        """End a seat and give its targets from a month on to another one; the reserves of the parents settle it.

        In sudo mode.
        """
        self.ensure_one()
        plan = self.plan_id
        grant(self, 'quota.node').write({'date_end': month - relativedelta(days=1)})
        cascade = plan._load_cascade()
        with plan._cascade_errors():
            for (node, key), units in list(cascade.amounts.items()):
                if node == self.id and units and key[1] >= month:
                    cascade.change(self.id, key, 0)
                    cascade.change(successor.id, key, units)
        plan._save_cascade(cascade, reason)
        proposed = self.cell_ids.filtered(lambda cell: cell.has_proposal and cell.month >= month)
        grant(proposed, 'quota.cell').write({'has_proposal': False})
        if proposed and not self.cell_ids.filtered('has_proposal'):
            self._close_proposal_activities()
        for seat in (self, successor):
            seat._message_log(body=self.env._(
                "Moved from %(old)s to %(new)s as of %(date)s.", old=self.parent_id.name, new=successor.parent_id.name,
                date=fields.Date.to_string(month)))
        successor._ask_acknowledgement()

    def _get_months_elsewhere(self):
        """Return when persons had another seat in a team above or below their own: what they sold then counts there.

        In sudo mode.

        :return: pairs of node id and first day of a month
        :rtype: set[tuple]
        """
        dated = self.filtered(lambda node: node.type == 'person' and (node.date_start or node.date_end))
        if not dated:
            return set()
        seats = self.search([
            ('plan_id', 'in', dated.plan_id.ids), ('user_id', 'in', dated.user_id.ids), ('type', '=', 'person')]
        ).grouped(lambda node: (node.plan_id, node.user_id))
        return {
            (node.id, month)
            for node in dated
            for other in seats[node.plan_id, node.user_id] - node if node._is_nested_with(other)
            for month in node.plan_id._get_months() if other._is_held_in(month) and not node._is_held_in(month)
        }

    def _is_nested_with(self, other):
        paths = [(node.team_id.parent_path or '') for node in (self, other)]
        return paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])

    def _is_held_in(self, month):
        """Tell whether a person has the seat on a day of a month. Note: self.ensure_one()"""
        return (not self.date_start or self.date_start <= fields.Date.end_of(month, 'month')) and (
            not self.date_end or self.date_end >= month)
