from odoo import models


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def unlink(self):
        """Override of `account`: a promise loses the item, and ends when it has none left."""
        promises = self.env['sales.collection.promise']._of_items(self.ids, ['open']) if self.ids else None
        res = super().unlink()
        if promises:
            promises.invalidate_recordset(['line_ids'])
            body = self.env._("An item of the promise was deleted.")
            promises._message_log_batch(
                bodies=dict.fromkeys(promises.ids, body), author_id=self.env.user.partner_id.id)
            if empty := promises.filtered(lambda promise: not promise.line_ids):
                empty._cancel(self.env._("All its items were deleted."))
        return res
