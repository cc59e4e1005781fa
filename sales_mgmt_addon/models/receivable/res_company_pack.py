from odoo import api, fields, models
from odoo.exceptions import ValidationError

DAYS_MAX = 60


class ResCompany(models.Model):
    _inherit = 'res.company'

    pack_comment_days = fields.Integer(
        groups='base.group_user', string="Days to Comment the Monthly Pack", default=5,
        help="Working days that salespeople have for their comments after the month was frozen.")

    @api.constrains('pack_comment_days')
    def _check_pack_comment_days(self):
        for company in self:
            if not 1 <= company.pack_comment_days <= DAYS_MAX:
                raise ValidationError(self.env._(
                    "Salespeople have between 1 and %(max)s working days for their comments.", max=DAYS_MAX))
