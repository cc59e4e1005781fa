from odoo import fields, models


class SalesReceivableDisputeSettle(models.TransientModel):
    """Asks how disputes were settled."""

    _name = 'sales.receivable.dispute.settle'
    _description = "Settle Disputes"

    dispute_ids = fields.Many2many(
        comodel_name='sales.receivable.dispute', relation='sales_receivable_dispute_settle_rel', string="Disputes")
    verdict = fields.Selection(
        selection=[('accepted', "Accept"), ('rejected', "Reject")], string="Verdict", required=True, readonly=True)
    resolution = fields.Text(string="How It Was Settled", required=True)

    def action_settle(self):
        """Settle the disputes with the verdict; the rights are checked there.

        :raise AccessError: if the user may not settle one of them
        :raise UserError: if one is settled already
        """
        self.ensure_one()
        self.check_access('read')
        if self.verdict == 'accepted':
            return self.dispute_ids.action_accept(self.resolution)
        return self.dispute_ids.action_reject(self.resolution)
