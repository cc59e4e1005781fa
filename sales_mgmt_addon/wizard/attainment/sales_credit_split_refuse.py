from odoo import fields, models


class SalesCreditSplitRefuse(models.TransientModel):
    """Asks for the reason of a refusal."""

    _name = 'sales.credit.split.refuse'
    _description = "Refuse a Credit Split"

    change_id = fields.Many2one(
        comodel_name='sales.credit.split.change', string="Change", required=True, ondelete='cascade')
    reason = fields.Text(string="Reason", required=True)

    def action_refuse(self):
        """Refuse the change with the reason.

        :return: what `action_refuse` of the change returns
        """
        self.ensure_one()
        return self.change_id.action_refuse(self.reason)
