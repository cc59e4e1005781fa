from odoo import models


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    def _get_activity_excluded_models(self):
        """Override of `calendar`: the activity of a collection case exists already and follows its next action."""
        return [*super()._get_activity_excluded_models(), 'sales.collection.case']
