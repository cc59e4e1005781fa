from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesQuotaChange(models.Model):
    """One signed change of one cell: who made it when, why, and which edit it belongs to. Never edited.

    Rows are written by :meth:`SalesQuotaPlan._insert_changes` alone, together with the amounts.
    """

    _name = 'sales.quota.change'
    _description = "Quota Change"
    _order = 'id desc'
    _rec_name = 'cell_id'

    cell_id = fields.Many2one(
        comodel_name='sales.quota.cell', string="Cell", required=True, readonly=True, index=True, ondelete='cascade')
    root_cell_id = fields.Many2one(
        comodel_name='sales.quota.cell', string="Because Of", readonly=True, index='btree_not_null',
        ondelete='set null', help="The cell that was edited, when it was one only.")
    node_id = fields.Many2one(related='cell_id.node_id', store=True, index=True)
    metric_id = fields.Many2one(related='cell_id.metric_id', store=True)
    month = fields.Date(related='cell_id.month', store=True)
    plan_id = fields.Many2one(related='cell_id.plan_id', store=True, index=True)
    company_id = fields.Many2one(related='cell_id.company_id', store=True)
    author_id = fields.Many2one(
        comodel_name='res.users', string="Author", required=True, readonly=True, ondelete='restrict',
        default=lambda self: self.env.user)
    time = fields.Datetime(string="Time", required=True, readonly=True, default=fields.Datetime.now)
    reason = fields.Char(string="Reason", readonly=True)
    cause = fields.Selection(
        selection=[
            ('edit', "Edited"),
            ('absorbed', "Took up the difference of another cell"),
            ('raised', "Took up the difference of a child"),
            ('distribute', "Distributed"),
            ('import', "Imported"),
            ('proposal', "Proposal accepted"),
            ('revision', "Revision"),
        ],
        string="Cause", required=True, readonly=True, default='edit')
    batch = fields.Char(
        string="Edit", readonly=True, index=True, help="All changes of one edit have the same mark.")
    before = fields.Float(string="Before", readonly=True, digits=(16, 2), aggregator=None)
    delta = fields.Float(string="Change", readonly=True, digits=(16, 2))
    after = fields.Float(string="After", readonly=True, digits=(16, 2), aggregator=None)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Changes are recorded when a target is changed, not by hand."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A recorded change is evidence and cannot be edited."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A recorded change is evidence and cannot be deleted."))

    # === ACTION METHODS === #

    def action_open_edit(self):
        """Open all changes of the same edit that the user may see."""
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_change_action')
        return {**action, 'domain': [('batch', '=', self.batch)], 'context': {}}
