from odoo import api, fields, models


class SalesGateFinding(models.Model):
    """One reason why a document waits, as it was found. Made and settled by the gate only."""

    _name = 'sales.gate.finding'
    _description = "Gate Finding"
    _order = 'state, create_date desc, id desc'
    _rec_name = 'message'

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field='res_model', required=True, readonly=True, index=True)
    order_id = fields.Many2one(
        comodel_name='sale.order', string="Order", readonly=True, ondelete='cascade', index='btree_not_null')
    code = fields.Selection(
        selection=[
            ('discount', "Discount"),
            ('margin', "Margin"),
            ('credit_limit', "Credit limit"),
            ('credit_overdue', "Overdue"),
            ('credit_hold', "Credit hold"),
            ('credit_expired', "Credit review due"),
            ('credit_duplicate', "Possible duplicate"),
            ('credit_dunning', "Stopped by dunning"),
        ],
        string="Reason", required=True, readonly=True, group_expand=True)
    severity = fields.Selection(
        selection=[('warn', "Warning"), ('block', "Stops")], required=True, readonly=True)
    message = fields.Char(string="Explanation", required=True, readonly=True)
    amount = fields.Monetary(
        string="Amount in Question", readonly=True,
        help="How far the document goes beyond what is allowed, in company currency.")
    document_amount = fields.Monetary(string="Document Value", readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', related='company_id.currency_id')
    approval_kind = fields.Char(readonly=True)
    request_id = fields.Many2one(
        comodel_name='sales.approval.request', string="Approval Request", readonly=True,
        ondelete='set null', index='btree_not_null')
    approver_ids = fields.Many2many(related='request_id.approver_ids', string="Who Decides")
    state = fields.Selection(
        selection=[('open', "Open"), ('settled', "Settled")], required=True, readonly=True, default='open')

    # Facts of the document, frozen so that lists, groupings and record rules need no join
    company_id = fields.Many2one(comodel_name='res.company', required=True, readonly=True, index=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null')
    team_id = fields.Many2one(comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null')
    document_name = fields.Char(string="Document", readonly=True)
    age_days = fields.Integer(string="Waiting Days", compute='_compute_age_days')

    @api.depends('create_date')
    def _compute_age_days(self):
        today = fields.Datetime.now()
        for finding in self:
            finding.age_days = (today - finding.create_date).days if finding.create_date else 0

    def action_open_document(self):
        """Open the document that waits.

        :return: window action on the document
        :rtype: dict
        """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
            'target': 'current',
        }
