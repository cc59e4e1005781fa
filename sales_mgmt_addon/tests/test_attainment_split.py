from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .attainment_common import AttainmentCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentSplit(AttainmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()

    def _split_order(self, *shares, price=100.0, confirm=True):
        """Return an order of the salesperson, shared as ``(user, percent)`` or ``(user, percent, True)`` for overlays."""
        return self._order(
            (self.service, 1, price), confirm=confirm, user_id=self.user_sm_sales.id, team_id=self.team.id,
            credit_split_ids=[Command.create(self._share(*share)) for share in shares])

    def _share(self, user, share, is_overlay=False):
        return {'user_id': user.id, 'share': share, 'is_overlay': is_overlay}

    def _by_user(self, code, document):
        return {
            user.login: round(sum(entries.mapped('value')), 2)
            for user, entries in self._entries(code, document).grouped('user_id').items()
        }

    def _propose(self, document, *shares, user=None):
        return self.env['sales.credit.split.change'].with_user(user or self.user_sm_sales).create({
            'order_id' if document._name == 'sale.order' else 'move_id': document.id,
            'reason': "He won the customer",
            'line_ids': [Command.create(self._share(*share)) for share in shares],
        })

    def test_shares_and_overlay(self):
        third = 100 / 3
        order = self._split_order(
            (self.user_sm_sales, 33.3334), (self.user_sm_sales2, 33.3333), (self.user_sm_leader, 33.3333),
            (self.user_sm_region, 50, True))
        self.assertLess(third, 33.3334)
        self.assertBooked(order, ordered=100, orders=1)
        self.assertEqual(self._by_user('ordered', order), {
            'sm_sales': 33.33, 'sm_sales2': 33.34, 'sm_leader': 33.33, 'sm_region': 50})
        invoice = self._invoice(order)
        self.assertBooked(invoice, invoiced=100, new_customers=1)
        self.assertEqual(self._by_user('invoiced', invoice), self._by_user('ordered', order))
        self._pay(invoice)
        self.assertBooked(invoice, collected=100)
        self.assertEqual(self._by_user('collected', invoice)['sm_region'], 50)
        refund = self._refund(invoice)
        self.assertBooked(refund, invoiced=-100)
        self.assertEqual(self._by_user('invoiced', refund)['sm_region'], -50)

    def test_must_make_hundred(self):
        with self.assertRaisesSaying(ValidationError, "make 90 %"):
            self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 30), confirm=False)
        order = self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40), confirm=False)
        with self.assertRaisesSaying(ValidationError, "not 100 %"):
            order.credit_split_ids[0].share = 70
        with self.assertRaisesSaying(ValidationError, "not 100 %"):
            order.credit_split_ids[0].unlink()
        first, second = order.credit_split_ids
        order.write({'credit_split_ids': [
            Command.update(first.id, {'share': 20}), Command.update(second.id, {'share': 30}),
            Command.create(self._share(self.user_sm_leader, 50)),
        ]})
        self.assertEqual(sum(order.credit_split_ids.mapped('share')), 100)
        with self.assertRaisesSaying(ValidationError, "not an active internal user"):
            order.write({'credit_split_ids': [
                Command.create(self._share(self.user_sm_portal, 10, True))]})

    def test_own_split_of_an_invoice(self):
        invoice = self._taxed_invoice(100, post=False)
        invoice.credit_split_ids = [
            Command.create(self._share(self.user_sm_sales, 70)), Command.create(self._share(self.user_sm_sales2, 30))]
        invoice.action_post()
        self.assertEqual(self._by_user('invoiced', invoice), {'sm_sales': 70, 'sm_sales2': 30})
        self.assertEqual(self._by_user('new_customers', invoice), {'sm_sales': 0.7, 'sm_sales2': 0.3})
        refund = self._refund(invoice)
        self.assertEqual(self._by_user('invoiced', refund), {'sm_sales': -70, 'sm_sales2': -30})
        order = self._split_order()
        from_order = self._invoice(order, post=False)
        with self.assertRaisesSaying(ValidationError, "as the order does"):
            from_order.credit_split_ids = [Command.create(self._share(self.user_sm_sales2, 100))]

    def test_booked_split_needs_consent(self):
        order = self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40))
        for user in (self.env.user, self.user_sm_sales, self.user_sm_manager):
            with self.assertRaisesSaying(UserError, "booked already"):
                order.credit_split_ids.with_user(user)[0].write({'share': 100})
        with self.assertRaisesSaying(UserError, "booked already"):
            order.write({'credit_split_ids': [Command.clear()]})
        with self.assertRaisesSaying(UserError, "booked already"):
            self.env['sales.credit.split'].create({'order_id': order.id, **self._share(self.user_sm_leader, 5, True)})
        plain = self._split_order()
        with self.assertRaisesSaying(UserError, "booked already"):
            plain.credit_split_ids = [Command.create(self._share(self.user_sm_sales2, 100))]

    def test_change_books_the_difference(self):
        self.goods.standard_price = 40
        order = self._order((self.goods, 1, 100.0), user_id=self.user_sm_sales.id, team_id=self.team.id)
        invoice = self._invoice(order)
        self._pay(invoice, 50)
        self.goods.standard_price = 70  # the margin stays the one of the posting
        before = self.Entry.search([])
        change = self._propose(order, (self.user_sm_sales, 25), (self.user_sm_sales2, 75), (self.user_sm_leader, 10, True))
        self.assertEqual(change.state, 'pending')
        self.assertEqual(self._by_user('ordered', order), {'sm_sales': 100})
        self.assertEqual(
            {row.user_id.login: row.state for row in change.agreement_ids},
            {'sm_sales': 'agreed', 'sm_sales2': 'waiting', 'sm_leader': 'waiting'})
        self.assertEqual(change.sudo().activity_ids.user_id, self.user_sm_sales2 | self.user_sm_leader)
        change.with_user(self.user_sm_sales2).action_agree()
        with self.assertRaisesSaying(UserError, "not asked"):
            change.with_user(self.user_sm_sales2).action_agree()
        with self.assertRaisesSaying(UserError, "not asked"):
            change.action_agree()
        change.with_user(self.user_sm_leader).action_agree()
        self.assertEqual(change.state, 'applied')
        self.assertFalse(change.sudo().activity_ids)

        self.assertEqual(self._by_user('ordered', order), {'sm_sales': 25, 'sm_sales2': 75, 'sm_leader': 10})
        self.assertEqual(self._by_user('margin', invoice), {'sm_sales': 15, 'sm_sales2': 45, 'sm_leader': 6})
        self.assertEqual(self._by_user('collected', invoice), {'sm_sales': 12.5, 'sm_sales2': 37.5, 'sm_leader': 5})
        self.assertBooked(order, ordered=100, orders=1)
        self.assertBooked(invoice, invoiced=100, margin=60, quantity=1, collected=50, new_customers=1)
        self.assertEqual(before, before.exists(), "Nothing is rewritten")
        self.assertEqual(len(before.filtered('reversal_of_id')), 0)
        after = self.Entry.search([]) - before
        mine = before.filtered(lambda entry: entry.res_id in (order.id, invoice.id))
        self.assertEqual(set(after.mapped('date')), set(mine.mapped('date')))
        # a second change, and a document that leaves takes everything with it
        self._propose(order, (self.user_sm_sales, 100)).with_user(self.user_sm_sales2).action_agree()
        change = order.env['sales.credit.split.change'].search([('order_id', '=', order.id)], limit=1)
        change.with_user(self.user_sm_leader).action_agree()
        self.assertEqual(self._by_user('ordered', order), {'sm_sales': 100, 'sm_sales2': 0, 'sm_leader': 0})
        invoice.button_draft()
        self.assertBooked(invoice, invoiced=0, margin=0, quantity=0, collected=0, new_customers=0)
        invoice.action_post()
        self.assertBooked(invoice, invoiced=100, margin=30, quantity=1, new_customers=1)

    def test_refuse_and_withdraw(self):
        order = self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40))
        change = self._propose(order, (self.user_sm_sales, 100))
        other = change.with_user(self.user_sm_sales2)
        with self.assertRaisesSaying(UserError, "Say why"):
            other.action_refuse()
        with self.assertRaisesSaying(UserError, "Say why"):
            other.action_refuse({'a': 1})
        wizard = self.env['sales.credit.split.refuse'].with_user(self.user_sm_sales2).create(
            {'change_id': change.id, 'reason': "I did the work"})
        wizard.action_refuse()
        self.assertEqual(change.state, 'refused')
        self.assertEqual(change.agreement_ids.mapped('reason')[-1], "I did the work")
        self.assertEqual(self._by_user('ordered', order), {'sm_sales': 60, 'sm_sales2': 40})
        with self.assertRaisesSaying(UserError, "decided already"):
            other.action_agree()
        change = self._propose(order, (self.user_sm_sales, 100))
        with self.assertRaises(AccessError):
            change.with_user(self.user_sm_sales2).action_cancel()
        change.action_cancel()
        self.assertEqual(change.state, 'cancelled')

    def test_bad_proposals(self):
        order = self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40))
        with self.assertRaisesSaying(ValidationError, "make 80 %"):
            self._propose(order, (self.user_sm_sales, 80))
        quotation = self._split_order(confirm=False)
        with self.assertRaisesSaying(UserError, "Nothing is booked"):
            self._propose(quotation, (self.user_sm_sales, 100))
        stranger = self._create_user('sm_stranger', 'sales_team.group_sale_salesman')
        with self.assertRaises(AccessError):
            self._propose(order, (stranger, 100), user=stranger)
        change = self._propose(order, (self.user_sm_sales, 100))
        with self.assertRaises(AccessError):
            change.state = 'applied'
        with self.assertRaisesSaying(UserError, "does not change any more"):
            self.env['sales.credit.split.change.line'].with_user(self.user_sm_sales).create(
                {'change_id': change.id, **self._share(self.user_sm_sales, 5, True)})
        with self.assertRaises(AccessError):
            self.env['sales.credit.split.change'].with_user(self.user_sm_sales).create({
                'order_id': order.id, 'reason': "x", 'state': 'applied',
                'line_ids': [Command.create(self._share(self.user_sm_sales, 100))]})

    def test_leader_speaks_for_who_left(self):
        order = self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40))
        self.user_sm_sales2.active = False
        change = self._propose(order, (self.user_sm_sales, 100))
        self.assertEqual(change.agreement_ids.user_id, self.user_sm_sales | self.user_sm_leader)
        change.with_user(self.user_sm_leader).action_agree()
        self.assertEqual(change.state, 'applied')
        self.assertEqual(self._by_user('ordered', order), {'sm_sales': 100, 'sm_sales2': 0})

    def test_taken_back_credit_needs_consent(self):
        order = self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40))
        invoice = self._taxed_invoice(100, post=False)
        invoice.credit_split_ids = [
            Command.create(self._share(self.user_sm_sales, 70)), Command.create(self._share(self.user_sm_sales2, 30))]
        invoice.action_post()
        order._action_cancel()
        order.action_draft()
        invoice.button_draft()
        for document in (order, invoice):
            self.assertTrue(document.attainment_is_booked)
            with self.assertRaisesSaying(UserError, "booked already"):
                document.write({'credit_split_ids': [
                    Command.clear(), Command.create(self._share(self.user_sm_sales, 100))]})
        change = self._propose(order, (self.user_sm_sales, 100))
        self.assertEqual(change.agreement_ids.user_id, self.user_sm_sales | self.user_sm_sales2)
        change.with_user(self.user_sm_sales2).action_agree()
        order.action_confirm()
        self.assertEqual(self._sum('ordered', order, user_id=self.user_sm_sales.id), 100)

    def test_no_overlay_on_an_own_share(self):
        with self.assertRaisesSaying(ValidationError, "already has a share"):
            self._split_order((self.user_sm_sales, 60), (self.user_sm_sales2, 40), (self.user_sm_sales2, 50, True))
        with self.assertRaisesSaying(ValidationError, "already has a share"):
            self._split_order((self.user_sm_sales, 50, True))
        order = self._split_order((self.user_sm_sales2, 50, True), confirm=False)
        order.user_id = self.user_sm_sales2
        order.action_confirm()
        self.assertEqual(self._by_user('ordered', order), {'sm_sales2': 100})
        with self.assertRaisesSaying(ValidationError, "already has a share"):
            self._propose(order, (self.user_sm_sales, 100), (self.user_sm_sales, 10, True), user=self.user_sm_sales2)

    def test_other_team_needs_its_leader(self):
        order = self._split_order()
        change = self.env['sales.credit.split.change'].with_user(self.user_sm_sales).create({
            'order_id': order.id, 'reason': "Moved", 'line_ids': [
                Command.create({**self._share(self.user_sm_sales, 100), 'team_id': self.team_region.id})]})
        self.assertEqual(change.state, 'pending')
        self.assertEqual(
            change.agreement_ids.user_id, self.user_sm_sales | self.user_sm_leader | self.user_sm_region)
        self.assertEqual(self._sum('ordered', order, team_id=self.team.id), 100)
        change.with_user(self.user_sm_leader).action_agree()
        change.with_user(self.user_sm_region).action_agree()
        self.assertEqual(self._sum('ordered', order, team_id=self.team_region.id), 100)

    def test_invoice_of_an_order_follows_it(self):
        order = self._split_order()
        invoice = self._invoice(order)
        with self.assertRaisesSaying(ValidationError, "as the order does"):
            self._propose(invoice, (self.user_sm_sales, 50), (self.user_sm_sales2, 50))
        action = invoice.with_user(self.user_sm_sales).action_propose_split()
        self.assertEqual(action['context'], {'default_order_id': order.id})
