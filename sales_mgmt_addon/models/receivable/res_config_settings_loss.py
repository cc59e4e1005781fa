from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    loss_journal_id = fields.Many2one(related='company_id.loss_journal_id', readonly=False)
    loss_expense_account_id = fields.Many2one(related='company_id.loss_expense_account_id', readonly=False)
    loss_allowance_account_id = fields.Many2one(related='company_id.loss_allowance_account_id', readonly=False)
    loss_recovery_account_id = fields.Many2one(related='company_id.loss_recovery_account_id', readonly=False)
