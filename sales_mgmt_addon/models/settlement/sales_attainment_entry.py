from odoo import api, models
from odoo.tools import SQL


class SalesAttainmentEntry(models.Model):
    """Sales people are measured by what is ours: of goods sold for sellers, the commission."""

    _inherit = 'sales.attainment.entry'

    # === EXTENSION POINTS === #

    @api.model
    def _sql_is_agent_line(self):
        return SQL("(%s OR (l.seller_id IS NOT NULL AND l.revenue_presentation = 'agent'))", super()._sql_is_agent_line())

    @api.model
    def _sql_is_sale(self):
        """Leave out the commissions that statements invoice: they count with the documents that earned them."""
        return SQL(
            """(%s AND NOT (
                l.account_id = c.marketplace_commission_account_id AND l.product_id IS NULL
                AND EXISTS (SELECT 1 FROM sales_seller se
                             WHERE se.partner_id = am.commercial_partner_id AND se.company_id = am.company_id)
                AND NOT EXISTS (SELECT 1 FROM sale_order_line_invoice_rel r WHERE r.invoice_line_id = l.id)))""",
            super()._sql_is_sale())

    @api.model
    def _sql_agent_commission(self):
        """Return the commission of a line; what we pay of a promotion is lost to us."""
        return SQL(
            """CASE WHEN l.seller_id IS NULL THEN %s
                    WHEN l.promo_funding = 'platform' THEN -l.balance
                    ELSE CASE WHEN am.move_type = 'out_refund' THEN -1 ELSE 1 END * COALESCE(l.commission_amount, 0)
                         / COALESCE(NULLIF(am.invoice_currency_rate, 0), 1) END""",
            super()._sql_agent_commission())

    @api.model
    def _sql_product_cost(self):
        """Return the cost of a unit: of goods that belong to a seller it is what the sale makes us owe him."""
        return SQL(
            """CASE WHEN l.seller_id IS NOT NULL AND l.revenue_presentation = 'principal' AND l.inventory_owner = 'seller'
                    THEN (SELECT abs(SUM(cl.balance))
                            FROM account_move_line cl
                            JOIN res_company cc ON cc.id = cl.company_id AND cc.marketplace_clearing_account_id = cl.account_id
                           WHERE cl.cogs_origin_id = l.id)
                         / NULLIF(abs(l.quantity * COALESCE(lu.factor / NULLIF(pu.factor, 0), 1)), 0)
                    ELSE %s END""",
            super()._sql_product_cost())

    def _flush_sources(self, sources):
        super()._flush_sources(sources)
        self.env['account.move.line'].flush_model([
            'account_id', 'cogs_origin_id', 'commission_amount', 'inventory_owner', 'promo_funding', 'revenue_presentation',
            'seller_id'])
        self.env['sales.seller'].flush_model(['company_id', 'partner_id'])
