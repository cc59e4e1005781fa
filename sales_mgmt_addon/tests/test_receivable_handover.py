from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableHandover(ReceivableCommon):
    """Nobody sees what a customer owes by making himself his salesperson, or the customer a part of his own one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # without the gate, which has its own checks
        cls.env.ref('base.group_user')._remove_group(cls.env.ref('sales_mgmt_addon.group_area_gate'))
        cls.own = cls._create_partner("Own", email=False, user_id=cls.user_sm_sales2.id)
        cls.free = cls._create_partner("Free", email=False)
        cls.free_debtor = cls._create_partner("Free Debtor", email=False)
        cls.quiet = cls._create_partner("Quiet", email=False, user_id=cls.user_sm_sales.id)
        # of `sm_sales`; an item of a contact, as bank entries may have them
        cls.contact = cls._create_partner(
            "Contact", email=False, is_company=False, parent_id=cls.customer.id, user_id=cls.user_sm_sales.id)
        for partner in (cls.customer, cls.free_debtor):
            cls._direct_invoice(cls, 50.0, partner=partner)
        cls._owe(cls.contact, 30.0)
        cls.env.flush_all()

    @classmethod
    def _owe(cls, partner, amount):
        """Book a debt of a contact himself, not of his company."""
        journal = cls.env['account.journal'].search([('type', '=', 'general'), ('company_id', '=', cls.company.id)], limit=1)
        receivable = partner.with_company(cls.company).property_account_receivable_id
        income = cls.env['account.account'].search(
            [('account_type', '=', 'income'), ('company_ids', 'in', cls.company.ids)], limit=1)
        cls.env['account.move'].create({'journal_id': journal.id, 'line_ids': [
            Command.create({'account_id': receivable.id, 'partner_id': partner.id, 'debit': amount}),
            Command.create({'account_id': income.id, 'partner_id': partner.id, 'credit': amount}),
        ]}).action_post()

    def setUp(self):
        super().setUp()
        # Commands on contacts are carried out as the user of the transaction: the one who calls
        self.patch(self.env.transaction, 'default_env', self.env(user=self.user_sm_sales2, su=False))

    def _as(self, records, user=None):
        return records.with_user(user or self.user_sm_sales2)

    def _assertRefused(self, records, vals, message="has open receivables", user=None):
        with self.subTest(records=records.mapped('name'), vals=vals), self.assertRaisesSaying(AccessError, message):
            self._as(records, user).write(vals)

    def test_salesperson(self):
        for vals in (
            {'user_id': self.user_sm_sales2.id}, {'user_id': False},
            {'user_id': self.user_sm_sales2.id, 'parent_id': self.own.id},
        ):
            self._assertRefused(self.customer, vals)
        self._assertRefused(self.own | self.customer, {'user_id': self.user_sm_sales2.id})
        self._assertRefused(self.quiet, {'user_id': self.user_sm_sales2.id}, "Quiet is a customer of Sm Sales.")
        self._assertRefused(self.free_debtor, {'user_id': self.user_sm_sales2.id}, "Free Debtor has open")
        self.assertFalse(self._items(user=self.user_sm_sales2, domain=[('partner_id', '=', self.customer.id)]))

    def test_move_below_own_customer(self):
        mine = self.user_sm_sales2
        self.customer.is_company = False
        self._assertRefused(self.customer, {'parent_id': self.own.id})
        self._assertRefused(self.own, {'child_ids': [Command.link(self.customer.id)]})
        self._assertRefused(self.own, {'child_ids': [Command.set(self.customer.ids)]})
        child = self._create_partner("Child", email=False, is_company=False, parent_id=self.own.id)
        self._assertRefused(self.own, {'child_ids': [Command.update(child.id, {'child_ids': [Command.link(self.customer.id)]})]})
        with self.assertRaisesSaying(AccessError, "has open receivables"):
            self._as(self.env['res.partner']).create({
                'name': "New", 'is_company': True, 'user_id': mine.id, 'child_ids': [Command.link(self.customer.id)]})

    def test_company_below_another_becomes_a_contact(self):
        self._as(self.customer).parent_id = self.own
        self.assertEqual(self.customer.commercial_partner_id, self.customer, "still a customer of its own")
        self._assertRefused(self.customer, {'is_company': False})
        self._assertRefused(self.customer, {'company_type': 'person'})
        self._assertRefused(self.own, {'child_ids': [Command.update(self.customer.id, {'is_company': False})]})

    def test_contact_becomes_a_customer(self):
        self._as(self.contact).user_id = self.user_sm_sales2
        self._assertRefused(self.contact, {'is_company': True})
        self._assertRefused(self.contact, {'parent_id': False})
        self._assertRefused(self.customer, {'child_ids': [Command.unlink(self.contact.id)]})

    def test_contacts_without_items_move(self):
        other = self._create_partner("Buyer", email=False, is_company=False, parent_id=self.customer.id)
        self._as(other).parent_id = self.own
        self.assertEqual(other.commercial_partner_id, self.own)

    def test_merge(self):
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.user_sm_sales2)
        self.user_sm_sales2.group_ids += self.env.ref('base.group_partner_manager')
        for target in (self.own, None):
            with self.assertRaisesSaying(AccessError, "has open receivables"):
                wizard._merge((self.own | self.customer).ids, target and target.with_user(self.user_sm_sales2))
        wizard._merge((self.own | self.free).ids, self.own.with_user(self.user_sm_sales2))
        self.assertFalse(self.free.exists())

    def test_who_may_hand_over(self):
        for user in (
            self.user_sm_sales, self.user_sm_leader, self.user_sm_region, self.user_sm_controller, self.user_sm_director,
            self.user_sm_manager, self.user_sm_billing,
        ):
            with self.subTest(user=user.login):
                self.customer.user_id = self.user_sm_sales
                user.group_ids += self.env.ref('base.group_partner_manager')
                self._as(self.customer, user).user_id = self.user_sm_sales2
                self.assertEqual(self.customer.user_id, self.user_sm_sales2)
        self.customer.user_id = self.user_sm_sales
        self._as(self.customer, self.user_sm_sales).write({'is_company': False, 'parent_id': self.own.id})
        stranger = self._create_user('sm_stranger', 'sales_mgmt_addon.group_team_leader')
        self._create_team("Elsewhere", leader=stranger)
        self._assertRefused(self.quiet, {'user_id': stranger.id}, "Quiet is a customer of Sm Sales.", user=stranger)

    def test_free_customers(self):
        self._as(self.free).user_id = self.user_sm_sales2
        self.assertEqual(self.free.user_id, self.user_sm_sales2)
        self._as(self.free).user_id = False
        self._as(self.free).write({'is_company': False, 'parent_id': self.own.id})
        self.assertEqual(self.free.commercial_partner_id, self.own)
        self._pay(self._receivable(self.env['account.move'].search([('partner_id', '=', self.free_debtor.id)])).move_id)
        self._as(self.free_debtor).user_id = self.user_sm_sales2

    def test_area_off_and_server(self):
        self._as(self.customer).sudo().user_id = self.user_sm_sales2
        self.customer.user_id = self.user_sm_sales
        self.env.ref('base.group_user')._remove_group(self.env.ref('sales_mgmt_addon.group_area_credit'))
        self._as(self.customer).user_id = self.user_sm_sales2

    def test_cost(self):
        partners = self.env['res.partner'].create([
            {'name': f"Free {number}", 'is_company': True, 'user_id': False} for number in range(12)])
        partners |= self.own
        self.env.flush_all()

        def queries(records, values):
            before = self.env.cr.sql_log_count
            records = self._as(records)
            records._check_handover(values)
            records._check_moves(dict(zip(records.sudo(), records.sudo(), strict=True)))
            return self.env.cr.sql_log_count - before

        partners.fetch(['user_id', 'parent_id', 'is_company', 'commercial_partner_id'])
        self._as(partners)._check_handover(self.user_sm_sales2.id)
        few, many = queries(partners[:2], self.user_sm_sales2.id), queries(partners, self.user_sm_sales2.id)
        self.assertEqual(few, many)
        with self.assertQueryCount(0):
            own = self._as(self.own)
            own._check_handover(self.user_sm_sales2.id)
            self.assertFalse(own._handover_may_move({'parent_id': False, 'is_company': True, 'name': "x"}))
