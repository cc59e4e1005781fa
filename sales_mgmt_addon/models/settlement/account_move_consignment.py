from odoo import models


class AccountMove(models.Model):
    """Goods of a seller that we sell as principal: the sale makes us buy them, for the seller's share of the price."""

    _inherit = 'account.move'

    # === BUSINESS METHODS === #

    def _stock_account_prepare_realtime_out_lines_vals(self):
        """Override of `stock_account`: the cost of goods that belong to a seller, whatever the valuation of the product."""
        values = super()._stock_account_prepare_realtime_out_lines_vals()
        documents = self.filtered(lambda move: move.is_sale_document(include_receipts=True))
        lines = documents.invoice_line_ids.filtered(lambda line: line._is_bought_from_seller())
        if lines:
            shares = lines._get_seller_shares()
            for line in lines:
                values += line._prepare_seller_cost_items(shares[line])
        return values


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def _is_bought_from_seller(self):
        """Tell whether selling the line makes us buy the goods from their owner."""
        return (
            bool(self.seller_id) and self.display_type == 'product' and self.revenue_presentation == 'principal'
            and self.inventory_owner == 'seller')

    def _get_seller_shares(self):
        """Return what the sellers are owed for lines that we sell as principal.

        It is the agreed purchase price, or else the price less our commission. A credit note takes back what was
        owed, pro rata to the price.

        :return: by line: amount in company currency, positive on an invoice, negative on a credit note
        :rtype: dict
        """
        sale_lines = self.sudo().sale_line_ids
        terms = sale_lines._get_commission_terms()
        owed = {
            line.id: (amount, base)
            for line, amount, base in self.env['sales.seller.ledger'].sudo()._read_group(
                [('sale_line_id', 'in', sale_lines.ids), ('kind', '=', 'sale'), ('aml_id.display_type', '=', 'cogs')],
                ['sale_line_id'], ['amount:sum', 'base_amount:sum'])}
        return {line: line._get_seller_share(terms, owed) for line in self}

    def _get_seller_share(self, terms, owed):
        sale_line = self.sudo().sale_line_ids[:1]
        sign = -1 if self.move_id.move_type == 'out_refund' else 1
        net = -self.balance
        amount, base = owed.get(sale_line.id, (0.0, 0.0))
        if sign * self.quantity < 0 and not self.company_currency_id.is_zero(base):
            share = amount / base * net
        elif sale_line.purchase_price_agreed:
            quantity = self.product_uom_id._compute_quantity(self.quantity, sale_line.product_uom_id, round=False)
            share = sign * quantity * sale_line.purchase_price_agreed / (self.move_id.invoice_currency_rate or 1.0)
        else:
            rule, rate, _fee = terms.get(sale_line.id, (self.env['sales.commission.rule'], 0.0, None))
            amounts = rule._get_amounts(self.company_currency_id, self.move_id._get_ledger_date())
            share = net - sign * self._get_principal_commission(rate, amounts)
        return self.company_currency_id.round(share)

    def _get_principal_commission(self, rate, amounts):
        per_unit, per_line, minimum, maximum = amounts
        charge = max(abs(self.balance) * rate / 100 + per_unit * self.quantity, minimum)
        return (min(charge, maximum) if maximum else charge) + per_line

    def _prepare_seller_cost_items(self, share):
        """Return the values of two journal items: the cost, and what we owe the seller on the clearing account.

        :param float share: in company currency, see :meth:`_get_seller_shares`
        :rtype: list[dict]
        """
        if self.company_currency_id.is_zero(share):
            return []
        move = self.move_id
        product = self.with_company(move.company_id).product_id
        expense = product.product_tmpl_id.get_product_accounts(fiscal_pos=move.fiscal_position_id)['expense']
        common = {
            'name': self.name[:64] if self.name else '',
            'move_id': move.id,
            'partner_id': move.commercial_partner_id.id,
            'product_id': product.id,
            'product_uom_id': self.product_uom_id.id,
            'quantity': self.quantity,
            'display_type': 'cogs',
            'tax_ids': [],
            'cogs_origin_id': self.id,
            'seller_id': self.seller_id.id,
        }
        unit = abs(share / self.quantity) if self.quantity else abs(share)
        clearing = self.company_id._get_seller_line_account()
        return [
            {**common, 'account_id': clearing.id, 'amount_currency': -share, 'price_unit': unit},
            {**common, 'account_id': (expense or move.journal_id.default_account_id).id, 'amount_currency': share,
             'price_unit': -unit, 'analytic_distribution': self.analytic_distribution},
        ]
