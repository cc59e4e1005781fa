from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..internal import grant
from ..models.channel.const import LEDGER_GUARD, SELLER_GUARD
from .settlement_common import SettlementCommon


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time('2026-04-15')
class TestSellerGuards(SettlementCommon):
    """What people of the company try with the values of records, past the views and the buttons."""

    def _document(self):
        """Return the draft document of seller one, as accounting sees it."""
        self.product.invoice_policy = 'order'
        order = self._market_order((self.offer_1, 2), user_id=self.user_sm_sales.id)
        return order._create_invoices().with_user(self.user_sm_billing).sudo(False)

    def _expense(self):
        return self.company.marketplace_promotion_account_id.id

    # === PARTNERS === #

    def test_nobody_is_moved_under_a_seller_or_away(self):
        theirs, other = self.seller_1.partner_id, self.seller_2.partner_id
        parent = self.env['res.partner'].create({'name': "Plain", 'is_company': True})
        user = self.user_sm_portal
        (parent | user.partner_id | theirs).user_id = self.user_sm_sales
        contact = user.partner_id.with_user(self.user_sm_sales).sudo(False)
        # contacts in commands are written as the user of the request
        self.patch(self.env.transaction, 'default_env', contact.env)
        moves = [
            (theirs, UserError, {'parent_id': other.id, 'is_company': False}),
            (theirs, UserError, {'parent_id': parent.id, 'is_company': False}),
            (contact, AccessError, {'parent_id': theirs.id, 'is_company': False}),
            (theirs, AccessError, {'child_ids': [Command.link(contact.id)]}),
            (other, AccessError, {'child_ids': [Command.create({
                'name': "Branch", 'type': 'other', 'child_ids': [Command.link(contact.id)]})]}),
        ]
        for partner, error, vals in moves:
            with self.assertRaisesSaying(error, "sells through us|works in his portal"), self.cr.savepoint():
                partner.with_user(self.user_sm_sales).sudo(False).write(vals)
        contact.parent_id = parent
        with self.assertRaisesSaying(AccessError, "works in his portal"), self.cr.savepoint():
            parent.with_user(self.user_sm_sales).sudo(False).write({'parent_id': theirs.id, 'is_company': False})
        contact.with_user(self.user_sm_channel).parent_id = theirs
        for vals in ({'parent_id': False}, {'is_company': True}):
            with self.assertRaisesSaying(AccessError, "works in his portal"), self.cr.savepoint():
                contact.write(vals)
        with self.assertRaisesSaying(UserError, "sells through us"):
            theirs.with_user(self.user_sm_channel).write({'parent_id': parent.id, 'is_company': False})

    def test_salespeople_give_no_portal_of_a_seller(self):
        user = self.user_sm_sales
        user.group_ids += self.env.ref('base.group_partner_manager')
        contact = self.env['res.partner'].create({
            'name': "Clerk", 'email': 'clerk@example.com', 'parent_id': self.seller_1.partner_id.id})
        wizard = self.env['portal.wizard'].with_user(user).sudo(False).create({'partner_ids': [Command.set(contact.ids)]})
        with self.assertRaisesSaying(AccessError, "works in his portal"):
            wizard.user_ids.action_grant_access()

    def test_documents_of_a_check_stay_what_was_looked_at(self):
        manager = self.user_sm_channel
        check_type = self.env['sales.seller.check.type'].create({'name': "Register Extract"})
        check = self.env['sales.seller.check'].create({'seller_id': self.seller_1.id, 'type_id': check_type.id})
        document = self.env['ir.attachment'].with_user(manager).sudo(False).create({'name': "extract.txt", 'raw': b"true"})
        check.with_user(manager).sudo(False).document_ids = document
        for vals in ({'public': True}, {'public': True, 'raw': b"true"}):
            with self.assertRaisesSaying(ValidationError, "cannot be public"), self.cr.savepoint():
                document.write(vals)
        with self.assertRaisesSaying(ValidationError, "cannot be public"), self.cr.savepoint():
            document.sudo().copy({'public': True})

        def lose(action):
            check.with_user(manager).action_pass()
            self.assertEqual(check.state, 'passed')
            action()
            self.assertEqual(check.state, 'open')
            self.assertFalse(check.accepted_until)

        lose(lambda: document.write({'raw': b"forged"}))
        lose(lambda: document.write({'datas': 'AAAA'}))
        check.with_user(manager).action_pass()
        document.write({'raw': document.raw, 'name': "same.txt"})
        self.assertEqual(check.state, 'passed')
        lose(document.unlink)

    # === ORDERS === #

    def test_salespeople_give_no_line_to_a_seller(self):
        order = self._market_order((self.offer_1, 1), (self.own_product, 1), confirm=False, user_id=self.user_sm_sales.id)
        for confirm in (False, True):
            if confirm:
                order.action_confirm()
            for line in order.order_line.with_user(self.user_sm_sales):
                for seller in (self.seller_2.id, False):
                    with self.assertRaisesSaying(AccessError, "cannot be typed"):
                        line.write({'seller_id': seller})
        line = order.order_line[0].with_user(self.user_sm_sales)
        for vals in ({'qty_delivered_method': 'manual'}, {'qty_delivered': 1}):
            with self.assertRaisesSaying(UserError, "cannot be typed"):
                line.write(vals)

    def test_taxes_of_a_seller_are_typed_by_nobody(self):
        order = self._market_order((self.offer_1, 1), confirm=False, user_id=self.user_sm_sales.id)
        order = order.with_user(self.user_sm_sales).sudo(False)
        line = order.order_line
        other = self.tax.sudo().copy({'name': "VAT 0", 'amount': 0})
        for taxes in (other.browse(), other):
            line.tax_ids = taxes
            for method, args in (('action_confirm', ()), ('write', ({'state': 'sale'},))):
                with self.assertRaisesSaying(UserError, "Update the taxes|no tax on behalf"), self.cr.savepoint():
                    getattr(order, method)(*args)
        order._recompute_taxes()
        order.action_confirm()
        line.tax_ids = line.tax_ids
        with self.assertRaisesSaying(AccessError, "is confirmed, and its taxes"):
            line.tax_ids = False
        with self.assertRaisesSaying(UserError, "Update the taxes"):
            order.write({'order_line': [Command.create({
                'product_id': self.product.id, 'offer_id': self.offer_1.id, 'tax_ids': [Command.clear()]})]})

    def test_customers_do_not_see_the_ledger_of_a_document(self):
        Move = self.env['account.move']
        self.assertIn('has_seller_ledger', Move.with_user(self.user_sm_sales).fields_get(['has_seller_ledger']))
        self.assertNotIn('has_seller_ledger', Move.with_user(self.user_sm_portal).fields_get(['has_seller_ledger']))

    def test_promotion_is_not_more_than_the_goods(self):
        order = self._market_order((self.offer_1, 2), (self.own_product, 1), confirm=False, user_id=self.user_sm_sales.id)
        self.env['sales.promotion.add'].with_user(self.user_sm_sales).create({
            'order_id': order.id, 'method': 'percent', 'percent': 100}).action_add()
        order.order_line[0].product_uom_qty = 1
        with self.assertRaisesSaying(UserError, "more than the goods of Seller One"):
            order.action_confirm()

    # === DOCUMENTS === #

    def test_accounting_adds_nothing_to_the_clearing_account(self):
        move, account = self._document(), self._expense()
        for kind in ('cogs', 'tax', 'discount'):
            with self.assertRaisesSaying(UserError, "not what its goods cost"), self.cr.savepoint():
                move.write({'line_ids': [
                    Command.create({
                        'display_type': kind, 'name': "Bonus", 'account_id': target, 'amount_currency': amount,
                        'balance': amount})
                    for target, amount in ((self.clearing.id, -1000), (account, 1000))]})
                move.action_post()
        with self.assertRaisesSaying(UserError, "belongs on the clearing account"), self.cr.savepoint():
            move.line_ids.filtered('tax_line_id').account_id = account
            move.action_post()
        own = self.env['account.move'].with_user(self.user_sm_billing)
        with self.assertRaisesSaying(ValidationError, "no seller's"):
            own.create({'move_type': 'out_invoice', 'partner_id': self.buyer.id, 'invoice_line_ids': [
                Command.create({'name': "Own", 'price_unit': 10, 'account_id': self.clearing.id, 'tax_ids': [Command.clear()]})]})
        for line, amount in ((move.invoice_line_ids, -900), (move.line_ids.filtered('tax_line_id'), -500)):
            with self.assertRaisesSaying(UserError, "not what its goods cost"), self.cr.savepoint():
                line.write({'amount_currency': amount, 'balance': amount})
                move.action_post()

    def test_lines_stay_those_of_the_order(self):
        move = self._document()
        with self.assertRaisesSaying(UserError, "has lost its order line"), self.cr.savepoint():
            move.invoice_line_ids.sale_line_ids = False
            move.action_post()
        for vals in ({'price_unit': 1}, {'discount': 50}):
            with self.assertRaisesSaying(UserError, "sets the price"), self.cr.savepoint():
                move.invoice_line_ids.write(vals)
                move.action_post()
        move.invoice_line_ids.quantity = 1
        move.action_post()
        for line in self._clearing_of(move):
            for vals in ({'partner_id': self.seller_2.partner_id.id}, {'account_id': self._expense()}):
                with self.assertRaisesSaying(UserError, "in the ledger of a seller"):
                    line.write(vals)

    def test_the_server_posts_what_was_ordered_only(self):
        move = self._document().sudo()
        for vals, text in (
            ({'price_unit': 1}, "sets the price"),
            ({'quantity': 9}, "only 2 are ordered"),
            ({'sale_line_ids': False}, "has lost"),
        ):
            with self.assertRaisesSaying(UserError, text), self.cr.savepoint():
                move.invoice_line_ids.write(vals)
                move.action_post()
        move.invoice_line_ids.price_unit = 1
        with self.assertRaisesSaying(UserError, "sets the price"):
            grant(move, LEDGER_GUARD).action_post()

    def test_no_more_is_invoiced_than_was_ordered(self):
        self.product.invoice_policy = 'order'
        order = self._market_order((self.offer_1, 2), user_id=self.user_sm_sales.id)
        order.order_line.with_user(self.user_sm_sales).qty_to_invoice = 50
        move = order._create_invoices().with_user(self.user_sm_billing).sudo(False)
        with self.assertRaisesSaying(UserError, "only 2 are ordered"):
            move.action_post()

    def test_no_more_is_credited_than_was_invoiced(self):
        move = self._document()
        move.action_post()
        values = [{'invoice_date': self.today, 'date': self.today}]
        move._reverse_moves(values).action_post()
        with self.assertRaisesSaying(UserError, "More of .* would be credited"):
            move._reverse_moves(values).action_post()

    # === PAYOUTS === #

    def test_sellers_are_paid_in_batches_only(self):
        self._book(self.seller_1, 100)
        statement = self._settle()
        payment = self.env['account.payment'].with_user(self.user_sm_billing).create({
            'payment_type': 'outbound', 'partner_type': 'supplier', 'partner_id': self.seller_1.partner_id.id, 'amount': 93.5,
            'journal_id': self.bank.id, 'destination_account_id': self.payable.id})
        with self.assertRaisesSaying(ValidationError, "paid with a payout batch"):
            payment.action_post()
        lines = statement.sudo().move_id.line_ids
        for vals in ({'partner_id': self.seller_2.partner_id.id}, {'account_id': self._expense()}):
            with self.assertRaisesSaying(UserError, "belongs to STM"):
                lines.filtered(lambda line: line.account_id == self.payable).with_user(self.user_sm_settle).write(vals)

    def test_payout_is_what_the_statements_say(self):
        self._book(self.seller_1, 100)
        self._settle()
        self.env['account.move'].with_user(self.user_sm_billing).create({'move_type': 'entry', 'line_ids': [
            Command.create({'account_id': self.payable.id, 'partner_id': self.seller_1.partner_id.id, 'balance': -5000}),
            Command.create({'account_id': self._expense(), 'balance': 5000})]}).action_post()
        payout = self._pay(send=False)
        self.assertFalse(payout.payment_ids)
        self.assertIn("holds more than", payout.left_out)

    def test_everybody_who_edited_an_account_is_an_editor(self):
        account = self.seller_1.bank_account_id
        account.allow_out_payment = False
        third = self._create_user('sm_settle3', 'sales_mgmt_addon.group_settlement_officer')
        first, second = self.user_sm_settle, self.user_sm_settle2
        (first | second).group_ids += self.env.ref('base.group_partner_manager')
        account.with_user(first).sudo(False).acc_number = "XX 99 1234"
        account.with_user(second).sudo(False).acc_holder_name = "Seller One Ltd"
        for user in (first, second):
            with self.assertRaisesSaying(AccessError, "somebody else approves it"):
                self.seller_1.with_user(user).action_approve_bank()
        self.seller_1.with_user(third).action_approve_bank()
        other = self.env['res.partner.bank'].create({'acc_number': "YY 88 1", 'partner_id': self.seller_1.partner_id.id})
        other.with_user(first).sudo(False).acc_number = "YY 88 2"
        self.seller_1.with_user(second)._change_bank(other)
        with self.assertRaisesSaying(AccessError, "somebody else approves it"):
            self.seller_1.with_user(first).action_approve_bank()

    def test_changed_account_is_on_no_list_for_the_bank(self):
        account = self.seller_1.bank_account_id
        account.allow_out_payment = False
        self._book(self.seller_1, 100)
        self._settle()
        payout = self._pay(send=False)
        payout.with_user(self.user_sm_settle2).action_approve()
        account.acc_number = "XX 99 1234"
        with self.assertRaisesSaying(UserError, "no list for the bank"):
            payout.action_download()
        # somebody has approved the new account, but whoever approved the payout has seen the old one
        grant(self.seller_1, SELLER_GUARD).write({'bank_approved': True})
        with self.assertRaisesSaying(UserError, "changed since the batch was approved"):
            payout.action_send()

    # === GOODS === #

    def test_goods_keep_their_owner_after_they_left(self):
        warehouse = self.env['stock.warehouse'].search([('company_id', '=', self.company.id)], limit=1)
        product = self._create_product(name="Stocked", is_storable=True, taxes_id=[Command.set(self.tax.ids)])
        offer, owner = self._create_offer(self.seller_2, product, 50.0), self.seller_2.partner_id
        for partner in (None, owner):
            self.env['stock.quant']._update_available_quantity(product, warehouse.lot_stock_id, 10, owner_id=partner)
        for what, wrong in ((product, owner.id), (offer, False), (offer, self.seller_1.partner_id.id)):
            picking = self._market_order((what, 4)).picking_ids.with_user(self.user_sm_stock)
            picking.move_ids.write({'quantity': 4, 'picked': True})
            picking.button_validate()
            self.assertEqual(picking.state, 'done')
            with self.assertRaisesSaying(UserError, "Owner mismatch"):
                picking.move_line_ids.write({'owner_id': wrong})
        quants = self.env['stock.quant'].search(
            [('product_id', '=', product.id), ('location_id', '=', warehouse.lot_stock_id.id)])
        for quant in quants.with_user(self.user_sm_stock):
            with self.assertRaisesSaying(UserError, "owner of Stocked cannot be changed"):
                quant.owner_id = False if quant.owner_id else owner
