from odoo import api, models
from odoo.tools import SQL


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: a job judges promises and closes cases right after the payment is committed."""
        partials = super().create(vals_list)
        partials._collection_settle()
        return partials

    def unlink(self):
        """Override of `account`: a judged promise keeps its verdict, but tells that the payment is gone."""
        line_ids = self.sudo().debit_move_id.ids
        res = super().unlink()
        promises = self.env['sales.collection.promise']._of_items(line_ids, ['kept', 'partly']) if line_ids else None
        if promises:
            body = self.env._("A payment of a promised item was unmatched after the promise had been judged.")
            promises._message_log_batch(
                bodies=dict.fromkeys(promises.ids, body), author_id=self.env.user.partner_id.id)
        return res

    def _collection_settle(self):
        """Wake the job if these matchings pay for customers with an open case or a running promise."""
        Case = self.env['sales.collection.case'].sudo()
        line_ids = self.sudo().debit_move_id.ids
        if not line_ids or not Case._collection_is_active():
            return
        Case.flush_model(['state', 'partner_id'])
        self.env['sales.collection.promise.line'].flush_model()
        found = self.env.execute_query(SQL(
            """
            SELECT 1 FROM sales_collection_promise_line WHERE line_id = ANY(%(lines)s) AND promise_state = 'open'
             UNION ALL
            SELECT 1
              FROM account_move_line l
              JOIN res_partner p ON p.id = l.partner_id
              JOIN sales_collection_case k ON k.partner_id = p.commercial_partner_id AND k.state <> 'closed'
             WHERE l.id = ANY(%(lines)s)
             LIMIT 1
            """, lines=line_ids))
        if found:
            self.env.ref('sales_mgmt_addon.ir_cron_sales_collection_settle').sudo()._trigger()
