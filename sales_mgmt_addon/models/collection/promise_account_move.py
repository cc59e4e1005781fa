from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    def button_draft(self):
        """Override of `account`: promises about these invoices are told; they are judged on what is left."""
        res = super().button_draft()
        promises = self.env['sales.collection.promise']._of_items(self.sudo().line_ids.ids, ['open'])
        if promises:
            body = self.env._(
                "Reset to draft while promised: %(documents)s.",
                documents=', '.join(self.sudo().filtered(lambda move: move.line_ids & promises.line_ids.line_id).mapped(
                    'display_name')))
            promises._message_log_batch(
                bodies=dict.fromkeys(promises.ids, body), author_id=self.env.user.partner_id.id)
        return res
