from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = 'res.users'

    def write(self, vals):
        res = super().write(vals)
        if vals.get('active') is False or 'company_ids' in vals:
            # an archived user, or one without the company, decides nothing any more
            self.env['sales.approval.request.step'].sudo()._replace_lost_approvers(self)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_approvals(self):
        requests = self.env['sales.approval.request'].sudo().search([
            '|', '|',
            ('requested_by', 'in', self.ids),
            ('decision_ids.user_id', 'in', self.ids),
            ('step_ids.approver_ids', 'in', self.ids),
        ], limit=1)
        if requests:
            raise UserError(self.env._(
                "This user took part in the approval %(request)s, which has to stay on record."
                " Archive the user instead of deleting it.",
                request=requests.name,
            ))
