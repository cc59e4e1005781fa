from odoo import api, fields, models
from odoo.fields import Domain

from .score import LEVELS


class SalesSeller(models.Model):
    """The seller's level, from his last score."""

    _inherit = 'sales.seller'

    score_ids = fields.One2many(comodel_name='sales.seller.score', inverse_name='seller_id', string="Scores")
    score_level = fields.Selection(
        selection=LEVELS, string="Level", compute='_compute_score_level', compute_sudo=True, search='_search_score_level',
        help="Level of the last score, unless an accepted appeal has excused it.")

    @api.depends('score_ids.level', 'score_ids.appeal_state')
    def _compute_score_level(self):
        latest = self._get_latest_scores()
        for seller in self:
            score = latest.get(seller.id)
            seller.score_level = (score.level if score._has_consequences() else 'ok') if score else False

    def _search_score_level(self, operator, value):
        if operator != 'in':
            return NotImplemented
        scored = self.browse(seller.id for seller, in self.env['sales.seller.score'].sudo()._read_group([], ['seller_id']))
        found = Domain('id', 'in', [seller.id for seller in scored if seller.score_level in value])
        return found | Domain('id', 'not in', scored.ids) if False in value else found

    def _get_latest_scores(self):
        """Return the last score of each seller, by seller id.

        :rtype: dict[int, odoo.models.Model]
        """
        Score = self.env['sales.seller.score'].sudo()
        groups = Score._read_group([('seller_id', 'in', self.ids)], ['seller_id'], ['month:max'])
        months = {seller.id: month for seller, month in groups}
        scores = Score.search([('seller_id', 'in', list(months)), ('month', 'in', list(set(months.values())))])
        return {score.seller_id.id: score for score in scores if months[score.seller_id.id] == score.month}

    def _is_limited(self):
        """Tell whether the seller's new offers are looked at, whatever was agreed. Note: self.ensure_one()"""
        self.ensure_one()
        return self.sudo().score_level in ('limit', 'suspend')

    def action_open_scores(self):
        """Return the window action on the scores of the seller."""
        return self._open('sales.seller.score', self.env._("Scores"), 'list,graph,form')

    def action_refresh_score(self):
        """Count the orders of the sellers anew, as a channel manager.

        :return: True
        :raise AccessError: if the user is none
        """
        self._check_manager()
        for sellers in self.grouped('company_id').values():
            self.env['sales.seller.score']._refresh(sellers, fields.Date.context_today(self))
        return True
