from odoo import fields
from odoo.fields import Command

from ..internal import grant
from ..models.channel.const import MODE_GUARD, OFFER_GUARD, PRESETS, SELLER_GUARD
from .common import SalesMgmtCommon


class ChannelCommon(SalesMgmtCommon):
    """A marketplace with two sellers: S1 has agreed on the marketplace mode, S2 on the hosted one.

    Goods cost 100 net, VAT is 10 %, the commission 15 %.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.company)
        cls.tax = cls.env['account.tax'].create({
            'name': "VAT 10", 'amount': 10, 'amount_type': 'percent', 'type_tax_use': 'sale',
            'invoice_repartition_line_ids': cls._repartition(),
            'refund_repartition_line_ids': cls._repartition(),
        })
        cls.company.account_sale_tax_id = cls.tax
        cls.company._set_up_marketplace()
        cls.clearing = cls.company.marketplace_clearing_account_id
        cls.payable = cls.company.marketplace_payable_account_id
        cls.channel = cls.env['sales.channel'].create({'name': "Web Market", 'code': 'WEB', 'type': 'platform'})
        cls.rule = cls.env['sales.commission.rule'].create({'name': "Standard", 'percent': 15})
        cls.product = cls._create_product(name="Phone", taxes_id=[Command.set(cls.tax.ids)])
        cls.own_product = cls._create_product(name="Own Case", list_price=60.0, taxes_id=[Command.set(cls.tax.ids)])
        cls.seller_1 = cls._create_seller("Seller One", 'marketplace')
        cls.seller_2 = cls._create_seller("Seller Two", 'hosted')
        cls.offer_1 = cls._create_offer(cls.seller_1, cls.product, 100.0)
        cls.offer_2 = cls._create_offer(cls.seller_2, cls.product, 95.0)
        cls.buyer = cls._create_partner("Buyer", email='buyer@example.com', user_id=cls.user_sm_sales.id)

    @classmethod
    def _repartition(cls):
        """Return the repartition of a VAT that goes to an account of its own."""
        if not hasattr(cls, 'vat_account'):
            cls.vat_account = cls.env['account.account'].create({
                'name': "VAT Payable", 'code': '251099', 'account_type': 'liability_current'})
        return [Command.clear(), Command.create({'repartition_type': 'base'}), Command.create({
            'repartition_type': 'tax', 'account_id': cls.vat_account.id})]

    @classmethod
    def _create_mode(cls, preset, **subject):
        """Return an approved mode version from the start of 2020 on; ``subject`` names channel, category, seller or offer."""
        return grant(cls.env['sales.channel.mode'], MODE_GUARD).create({
            'preset': preset, 'date_from': '2020-01-01', 'state': 'approved', 'reason': "Agreed",
            **PRESETS[preset], **subject}).with_env(cls.env)

    @classmethod
    def _create_seller(cls, name, preset, **values):
        """Return an active seller who sells in a mode."""
        seller = grant(cls.env['sales.seller'], SELLER_GUARD).create({
            'partner_id': cls._create_partner(name, email=f"{name.replace(' ', '.').lower()}@example.com").id,
            'state': 'active', **values}).with_env(cls.env)
        cls._create_mode(preset, seller_id=seller.id)
        return seller

    @classmethod
    def _create_offer(cls, seller, product, price, **values):
        """Return an active offer."""
        return grant(cls.env['sales.seller.offer'], OFFER_GUARD).create({
            'seller_id': seller.id, 'product_id': product.id, 'price': price, 'state': 'active', 'stock_quantity': 1000,
            **values}).with_env(cls.env)

    def _market_order(self, *lines, confirm=True, **values):
        """Return an order of lines ``(offer or product, quantity)``."""
        order = self.env['sale.order'].create({
            'partner_id': self.buyer.id,
            'channel_id': self.channel.id,
            'order_line': [
                Command.create({
                    'product_id': what.id if what._name == 'product.product' else what.product_id.id,
                    'offer_id': False if what._name == 'product.product' else what.id,
                    'product_uom_qty': quantity,
                })
                for what, quantity in lines
            ],
            **values,
        })
        if confirm:
            order.action_confirm()
        return order

    def _balance(self, account, partner=None):
        """Return the posted balance of an account (+ debit), of one partner if given."""
        lines = self.env['account.move.line'].search([
            ('account_id', '=', account.id), ('parent_state', '=', 'posted'),
            *([('partner_id', '=', partner.id)] if partner else [])])
        return round(sum(lines.mapped('balance')), 2)
