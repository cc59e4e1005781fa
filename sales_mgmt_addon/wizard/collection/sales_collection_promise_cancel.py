from odoo import fields, models


class SalesCollectionPromiseCancel(models.TransientModel):
    """Say why promises do not hold any more."""

    _name = 'sales.collection.promise.cancel'
    _description = "Cancel Promises"

    promise_ids = fields.Many2many(
        comodel_name='sales.collection.promise', relation='sales_collection_promise_cancel_rel', string="Promises",
        required=True, readonly=True)
    reason = fields.Char(string="Reason", required=True)

    def action_cancel(self):
        """Cancel the promises, see `sales.collection.promise`.

        :return: action that closes the dialog
        """
        self.ensure_one()
        self.promise_ids.action_cancel(self.reason)
        return {'type': 'ir.actions.act_window_close'}
