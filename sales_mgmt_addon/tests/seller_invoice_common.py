
from ..internal import grant
from ..models.channel.const import OFFER_GUARD, RIGHTS_GUARD
from .channel_common import ChannelCommon


class SellerInvoiceCommon(ChannelCommon):
    """Orders with goods of sellers on invoices, and what they leave in the accounts and in the ledger."""

    def _sell(self, *lines, confirm=True, **values):
        """Return an order of lines ``(offer or product, quantity, price)``; sellers ask that price."""
        for what, _quantity, price in lines:
            if what._name == 'sales.seller.offer' and what.price != price:
                offer = grant(what, OFFER_GUARD)
                offer.price = price
                offer.state = 'active'
        order = self._market_order(*((what, quantity) for what, quantity, _price in lines), confirm=False, **values)
        for line, (_what, _quantity, price) in zip(order.order_line, lines, strict=True):
            line.price_unit = price
        if confirm:
            order.action_confirm()
            self.assertEqual(order.state, 'sale', order.sudo().gate_finding_ids.mapped('message')
                             if 'gate_finding_ids' in order else None)
        return order

    def _invoice(self, order, final=False):
        """Return the posted invoices of an order."""
        moves = order._create_invoices(final=final)
        moves.action_post()
        return moves

    def _mode_of(self, seller, **rights):
        """Change single rights of the mode of a seller."""
        self.env.cr.execute(
            "UPDATE sales_channel_mode SET " + ", ".join(f"{name} = %s" for name in rights) + " WHERE seller_id = %s",
            [*rights.values(), seller.id])
        self.env['sales.channel.mode'].invalidate_model(list(rights))

    def _freeze(self, order):
        """Freeze the rights of an order, if its confirmation has not."""
        for line in order.order_line.filtered(lambda line: not line.rights_frozen_on):
            rights = line._get_rights()[line.id]
            grant(line, RIGHTS_GUARD).write({
                **rights, 'rights_frozen_on': '2026-01-01 00:00:00', 'price_snapshot': line.price_unit})

    def _rows(self, moves, kind=None):
        rows = self.env['sales.seller.ledger'].search([('move_id', 'in', moves.ids)], order='id')
        return rows.filtered(lambda row: kind is None or row.kind == kind)

    def _entry(self, moves):
        """Return the balances of documents by account name."""
        result = {}
        for line in moves.line_ids:
            if line.account_id:
                name = self._account_name(line.account_id)
                result[name] = round(result.get(name, 0.0) + line.balance, 2)
        return result

    def _account_name(self, account):
        company = self.company
        return {
            company.marketplace_clearing_account_id: 'CLR', company.marketplace_promotion_account_id: 'PROMO',
            self.vat_account: 'VAT',
        }.get(account) or {
            'asset_receivable': 'AR', 'income': 'REV', 'income_other': 'REV', 'expense': 'COGS',
            'expense_direct_cost': 'COGS',
        }.get(account.account_type, account.name)

    def assertLedgerEqualsClearing(self):
        """The open rows of items on the clearing account are its balance with the sign turned."""
        rows = self.env['sales.seller.ledger'].search([
            ('kind', 'in', ('sale', 'refund', 'promo')), ('company_id', '=', self.company.id), ('settlement_id', '=', False)])
        self.assertAlmostEqual(sum(rows.mapped('amount')), -self._balance(self.clearing), 2)
