from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    offer_auto_approve = fields.Boolean(related='company_id.offer_auto_approve', readonly=False)
    offer_price_tolerance = fields.Float(related='company_id.offer_price_tolerance', readonly=False)
    offer_quality_minimum = fields.Float(related='company_id.offer_quality_minimum', readonly=False)
    score_days = fields.Integer(related='company_id.score_days', readonly=False)
    score_minimum_orders = fields.Integer(related='company_id.score_minimum_orders', readonly=False)
    score_late_percent = fields.Float(related='company_id.score_late_percent', readonly=False)
    score_cancelled_percent = fields.Float(related='company_id.score_cancelled_percent', readonly=False)
    score_returned_percent = fields.Float(related='company_id.score_returned_percent', readonly=False)
    score_unanswered_percent = fields.Float(related='company_id.score_unanswered_percent', readonly=False)
    score_answer_hours = fields.Integer(related='company_id.score_answer_hours', readonly=False)
