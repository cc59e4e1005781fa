from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

READERS = (
    'sales_mgmt_addon.group_settlement_officer', 'sales_mgmt_addon.group_director', 'sales_mgmt_addon.group_channel_manager',
    'account.group_account_readonly', 'account.group_account_invoice')


class SalesSettlementControl(models.Model):
    """As of now, per seller and currency: does the ledger equal the clearing account, the last statement the payable
    account, and the reserves the reserve account? Amounts are signed as the seller sees them.
    """

    _name = 'sales.settlement.control'
    _description = "Settlement Control"
    _auto = False
    _order = 'is_different desc, company_id, seller_id, currency_id'
    _depends = {
        'account.move': ['origin_payment_id', 'reversed_entry_id', 'seller_id'],
        'account.move.line': [
            'account_id', 'amount_currency', 'currency_id', 'parent_state', 'partner_id', 'seller_id', 'company_id'],
        'sales.seller.ledger': ['amount', 'kind', 'settlement_id', 'seller_id', 'currency_id', 'company_id', 'aml_id'],
        'sales.settlement': ['state', 'amount_closing', 'amount_payouts', 'seller_id', 'currency_id', 'company_id'],
        'sales.seller': ['partner_id', 'company_id'],
        'res.company': [
            'marketplace_clearing_account_id', 'marketplace_payable_account_id', 'marketplace_reserve_account_id'],
    }

    company_id = fields.Many2one(comodel_name='res.company', string="Company", readonly=True)
    seller_id = fields.Many2one(comodel_name='sales.seller', string="Seller", readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", readonly=True)
    ledger_open = fields.Monetary(string="Unsettled Entries", readonly=True)
    clearing_balance = fields.Monetary(string="Clearing Account", readonly=True)
    clearing_difference = fields.Monetary(string="Difference of Clearing", readonly=True)
    statement_balance = fields.Monetary(
        string="Statements less Payouts", readonly=True, help="Closing balance of the last statement and payouts since.")
    payable_balance = fields.Monetary(string="Payable Account", readonly=True)
    payable_difference = fields.Monetary(string="Difference of Payable", readonly=True)
    reserve_open = fields.Monetary(string="Reserves", readonly=True)
    reserve_balance = fields.Monetary(string="Reserve Account", readonly=True)
    reserve_difference = fields.Monetary(string="Difference of Reserve", readonly=True)
    is_different = fields.Boolean(string="Differs", readonly=True)

    @property
    def _table_query(self):
        """One statement. Items of the clearing account carry the buyer, so their seller comes from the ledger."""
        return SQL(
            """
            WITH item AS (
                SELECT l.company_id, l.currency_id, -l.amount_currency AS amount,
                       l.account_id = c.marketplace_clearing_account_id AS is_clearing,
                       l.account_id = c.marketplace_payable_account_id AS is_payable,
                       m.origin_payment_id IS NOT NULL OR o.origin_payment_id IS NOT NULL AS is_payout,
                       COALESCE(
                           l.seller_id, (SELECT r.seller_id FROM sales_seller_ledger r WHERE r.aml_id = l.id LIMIT 1),
                           m.seller_id, p.id) AS seller_id
                  FROM res_company c
                  JOIN account_move_line l ON l.company_id = c.id AND l.parent_state = 'posted' AND l.account_id IN (
                       c.marketplace_clearing_account_id, c.marketplace_payable_account_id, c.marketplace_reserve_account_id)
                  JOIN account_move m ON m.id = l.move_id
             LEFT JOIN account_move o ON o.id = m.reversed_entry_id
             LEFT JOIN sales_seller p ON p.partner_id = l.partner_id AND p.company_id = l.company_id
            ), part AS (
                SELECT company_id, seller_id, currency_id, 0.0 AS ledger, 0.0 AS statement, 0.0 AS kept,
                       SUM(amount) FILTER (WHERE is_clearing) AS clearing,
                       SUM(amount) FILTER (WHERE is_payable) AS payable,
                       SUM(amount) FILTER (WHERE is_payable AND is_payout) AS payout,
                       SUM(amount) FILTER (WHERE NOT is_clearing AND NOT is_payable) AS reserve
                  FROM item GROUP BY company_id, seller_id, currency_id
                UNION ALL
                SELECT r.company_id, r.seller_id, r.currency_id,
                       SUM(r.amount) FILTER (
                           WHERE r.kind IN ('sale', 'refund', 'promo') AND COALESCE(s.state, 'draft') = 'draft'), 0.0,
                       -SUM(r.amount) FILTER (WHERE r.kind IN ('reserve', 'release') AND s.state IN ('posted', 'paid')),
                       0.0, 0.0, 0.0, 0.0
                  FROM sales_seller_ledger r
             LEFT JOIN sales_settlement s ON s.id = r.settlement_id
              GROUP BY r.company_id, r.seller_id, r.currency_id
                UNION ALL
                SELECT company_id, seller_id, currency_id, 0.0,
                       (array_agg(amount_closing ORDER BY id DESC))[1] - SUM(amount_payouts), 0.0, 0.0, 0.0, 0.0, 0.0
                  FROM sales_settlement WHERE state IN ('posted', 'paid')
              GROUP BY company_id, seller_id, currency_id
            ), total AS (
                SELECT company_id, seller_id, currency_id, COALESCE(SUM(ledger), 0) AS ledger,
                       COALESCE(SUM(clearing), 0) AS clearing,
                       COALESCE(SUM(statement), 0) + COALESCE(SUM(payout), 0) AS statement,
                       COALESCE(SUM(payable), 0) AS payable, COALESCE(SUM(kept), 0) AS kept, COALESCE(SUM(reserve), 0) AS reserve
                  FROM part GROUP BY company_id, seller_id, currency_id
            )
            SELECT COALESCE(t.seller_id::bigint, 1000000000 + t.company_id) * 1000 + t.currency_id AS id,
                   t.company_id, t.seller_id, t.currency_id,
                   t.ledger AS ledger_open, t.clearing AS clearing_balance, t.ledger - t.clearing AS clearing_difference,
                   t.statement AS statement_balance, t.payable AS payable_balance, t.statement - t.payable AS payable_difference,
                   t.kept AS reserve_open, t.reserve AS reserve_balance, t.kept - t.reserve AS reserve_difference,
                   GREATEST(ABS(t.ledger - t.clearing), ABS(t.statement - t.payable), ABS(t.kept - t.reserve))
                       >= x.rounding / 2 AS is_different
              FROM total t JOIN res_currency x ON x.id = t.currency_id
            """)

    #=== ACTION METHODS ===#

    @api.readonly
    def action_open_items(self):
        """Open the journal items that make the difference: those that no entry, statement or payout explains.

        Items that are explained one by one, but with another amount or for another seller, are among them.

        :raise AccessError: unless the user may read the report
        :return: window action over `account.move.line`
        """
        self.ensure_one()
        self._check_reader()
        ids = [item_id for [item_id] in self.env.execute_query(self._get_items_sql())]
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Journal Items That Differ"),
            'res_model': 'account.move.line', 'views': [(False, 'list'), (False, 'form')], 'domain': [('id', 'in', ids)],
            'context': {'create': False},
        }

    @api.readonly
    def action_open_entries(self):
        """Open the ledger entries whose journal item is gone, is not posted or, unsettled, has another amount.

        :raise AccessError: unless the user may read the report
        :return: window action over `sales.seller.ledger`
        """
        self.ensure_one()
        self._check_reader()
        ids = [entry_id for [entry_id] in self.env.execute_query(SQL(
            """
            SELECT r.id FROM sales_seller_ledger r
         LEFT JOIN sales_settlement s ON s.id = r.settlement_id
         LEFT JOIN account_move_line l ON l.id = r.aml_id AND l.parent_state = 'posted'
             WHERE r.seller_id = %(seller)s AND r.currency_id = %(currency)s AND r.kind IN ('sale', 'refund', 'promo')
               AND r.amount <> 0
               AND (l.id IS NULL OR COALESCE(s.state, 'draft') = 'draft' AND (
                    l.currency_id <> r.currency_id OR ABS(l.amount_currency + r.amount) >= %(rounding)s / 2))
            """, seller=self.seller_id.id or 0, currency=self.currency_id.id, rounding=self.currency_id.rounding))]
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Ledger Entries That Differ"),
            'res_model': 'sales.seller.ledger', 'views': [(False, 'list'), (False, 'form')], 'domain': [('id', 'in', ids)],
            'context': {'create': False},
        }

    def _get_items_sql(self):
        """Return the statement that finds items of the three accounts that nothing explains. Note: self.ensure_one()"""
        company = self.company_id.sudo()
        return SQL(
            """
            WITH own AS (
                SELECT unnest(ARRAY[move_id, charge_move_id, bill_move_id]) AS id
                  FROM sales_settlement WHERE company_id = %(company)s
                UNION
                SELECT unnest(ARRAY[move_id, reversal_id]) FROM sales_settlement_accrual WHERE company_id = %(company)s
            )
            SELECT l.id FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
         LEFT JOIN account_move o ON o.id = m.reversed_entry_id
         LEFT JOIN sales_seller p ON p.partner_id = l.partner_id AND p.company_id = l.company_id
             WHERE l.company_id = %(company)s AND l.currency_id = %(currency)s AND l.parent_state = 'posted'
               AND l.amount_currency <> 0
               AND l.account_id IN %(accounts)s
               AND COALESCE(
                   l.seller_id, (SELECT r.seller_id FROM sales_seller_ledger r WHERE r.aml_id = l.id LIMIT 1),
                   m.seller_id, p.id, 0) = %(seller)s
               AND NOT EXISTS (SELECT 1 FROM own WHERE own.id IN (m.id, o.id))
               AND NOT (l.account_id = %(payable)s
                        AND (m.origin_payment_id IS NOT NULL OR o.origin_payment_id IS NOT NULL))
               AND NOT EXISTS (
                   SELECT 1 FROM sales_seller_ledger r
                    WHERE r.aml_id = l.id AND r.kind IN ('sale', 'refund', 'promo')
                      AND ABS(l.amount_currency + r.amount) < %(rounding)s / 2)
            """,
            company=company.id, currency=self.currency_id.id, seller=self.seller_id.id or 0,
            rounding=self.currency_id.rounding, payable=company.marketplace_payable_account_id.id or 0,
            accounts=(
                company.marketplace_clearing_account_id.id or 0, company.marketplace_payable_account_id.id or 0,
                company.marketplace_reserve_account_id.id or 0))

    def _check_reader(self):
        self.check_access('read')
        if not self.env.su and not any(self.env.user.has_group(group) for group in READERS):
            raise AccessError(self.env._("Only accounting and settlement staff see this report."))
