from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..internal import grant
from ..models.channel.const import LEDGER_GUARD
from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerLife(ChannelCommon):
    """From the application to the end of the business with a seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_2 = cls._create_user('sm_channel2', 'sales_mgmt_addon.group_channel_manager')
        cls.applicant = cls._create_partner("Applicant", email='applicant@example.com', vat='APP-1')
        cls.seller = cls.env['sales.seller'].with_user(cls.user_sm_channel).create({'partner_id': cls.applicant.id})
        cls.account = cls.env['res.partner.bank'].create({'acc_number': 'BANK-1234', 'partner_id': cls.applicant.id})

    def _settle_checks(self, seller, user=None):
        """Pass all checks of a seller, with a document each."""
        seller = seller.with_user(user or self.user_sm_channel)
        seller._change_bank(self.account)
        for check in seller.check_ids:
            document = self.env['ir.attachment'].with_user(check.env.user).create({
                'name': "proof.pdf", 'raw': b'proof', 'res_model': 'sales.seller.check'})
            check.document_ids = [Command.link(document.id)]
            check.action_pass()

    # === APPLICATION AND APPROVAL === #

    def test_application_gets_its_checks(self):
        self.assertRegex(self.seller.code, r'^SEL/\d{5}$')
        self.assertEqual(self.seller.state, 'application')
        self.assertEqual(self.seller.user_id, self.user_sm_channel)
        self.assertEqual(
            set(self.seller.check_ids.type_id.mapped('kind')) & {'licence', 'identity', 'bank', 'vat', 'contract'},
            {'licence', 'identity', 'bank', 'vat', 'contract'})
        unregistered = self.env['sales.seller'].create({
            'partner_id': self._create_partner("Small").id, 'vat_registered': False})
        self.assertNotIn('vat', unregistered.check_ids.type_id.mapped('kind'))
        unregistered.vat_registered = True
        self.assertIn('vat', unregistered.check_ids.type_id.mapped('kind'))

    def test_four_eyes_from_application_to_sales(self):
        seller = self.seller
        with self.assertRaisesSaying(UserError, "before these checks are passed or waived: Business licence"):
            seller.action_approve()
        self._settle_checks(seller)
        self.assertEqual(seller.check_progress, '5 / 5')
        with self.assertRaisesSaying(AccessError, "somebody else approves the application"):
            seller.action_approve()
        seller.with_user(self.manager_2).action_approve()
        self.assertRecordValues(seller, [{'state': 'approved', 'approved_by_id': self.manager_2.id}])
        with self.assertRaisesSaying(UserError, "No approved mode gives him a right"):
            seller.action_activate()
        self._create_mode('marketplace', seller_id=seller.id)
        seller.action_activate()
        self.assertEqual(seller.state, 'active')
        self.assertTrue(seller._is_selling())
        with self.assertRaisesSaying(UserError, "status Active: this step is not possible"):
            seller.action_approve()

    def test_activation_says_all_that_is_missing(self):
        company = self._create_company("Bare")
        seller = self.env['sales.seller'].create({'partner_id': self._create_partner("Far").id, 'company_id': company.id})
        obstacles = "\n".join(seller._get_activation_obstacles())
        for text in ("No approved mode", "Clearing Account is not set", "No commission rule"):
            self.assertIn(text, obstacles)

    def test_partner_must_be_one_of_ours_and_whole(self):
        contact = self._create_partner("Clerk", parent_id=self.applicant.id, is_company=False)
        other = self._create_company("Other")
        theirs = self._create_partner("Theirs", company_id=other.id)
        Seller = self.env['sales.seller'].with_user(self.user_sm_channel)
        with self.assertRaisesSaying(ValidationError, "Make Applicant the seller"):
            Seller.create({'partner_id': contact.id})
        with self.assertRaisesSaying(ValidationError, "belongs to another company"):
            self.env['sales.seller'].create({'partner_id': theirs.id})
        with self.assertRaisesSaying(ValidationError, "its own marketplace"):
            self.env['sales.seller'].create({'partner_id': self.company.partner_id.id})
        with self.assertRaisesSaying(ValidationError, "reserve must lie between"):
            self.seller.reserve_percent = 101
        with self.assertRaisesSaying(ValidationError, "must be a number"):
            self.seller.write({'reserve_percent': float('nan')})

    def test_merging_sellers(self):
        Wizard = self.env['base.partner.merge.automatic.wizard']
        with self.assertRaisesSaying(UserError, "two sellers with ledgers"):
            Wizard._merge((self.seller_1.partner_id | self.seller_2.partner_id).ids)
        twin = self._create_partner("Seller 1", email=self.seller_1.partner_id.email)
        merger = self._create_user('sm_merger', 'sales_team.group_sale_manager,base.group_partner_manager')
        with self.assertRaisesSaying(AccessError, "only channel managers merge sellers"):
            Wizard.with_user(merger)._merge((self.seller_1.partner_id | twin).ids)
        Wizard._merge((self.seller_1.partner_id | twin).ids, twin)
        self.assertEqual(self.seller_1.partner_id, twin)

    def test_status_is_the_servers(self):
        seller = self.seller
        for vals in ({'state': 'active'}, {'payout_hold': False}, {'bank_account_id': self.account.id}, {'active': False},
                     {'code': 'X'}, {'bank_approved': True}):
            with self.assertRaisesSaying(AccessError, "change with the buttons"):
                seller.write(vals)
        made = self.env['sales.seller'].with_user(self.user_sm_channel).with_context(
            default_state='active', default_bank_approved=True).create({'partner_id': self._create_partner("Sly").id})
        self.assertRecordValues(made, [{'state': 'application', 'bank_approved': False}])
        with self.assertRaises(AccessError):
            self.seller_1.with_user(self.user_sm_sales).action_suspend("I say so")
        with self.assertRaises(AccessError):
            self.seller_1.with_user(self.user_sm_settle).action_close()
        with self.assertRaises(AccessError):
            self.seller_1.with_user(self.user_sm_portal).read(['name'])
        with self.assertRaisesSaying(UserError, "Only applications can be deleted"):
            self.seller_1.with_user(self.user_sm_channel).unlink()

    def test_forms_open_for_every_reader(self):
        self.env['sales.seller.score']._refresh(self.seller_1)
        records = (self.seller_1, self.offer_1, self.seller_1.score_ids)
        for user in (self.user_sm_channel, self.user_sm_settle, self.user_sm_director, self.user_sm_sales):
            for record in records:
                with self.subTest(user=user.login, model=record._name):
                    Form(record.with_user(user))
        for user in (self.user_sm_channel, self.user_sm_settle, self.user_sm_director):
            Form(self.seller.check_ids[0].with_user(user))
        with self.assertRaises(AccessError):
            self.seller_1.with_user(self.user_sm_sales).read(['bank_account_id'])
        self.assertEqual(self.seller_1.with_user(self.user_sm_channel).action_open_offers()['res_model'], 'sales.seller.offer')

    # === SUSPENSION AND END === #

    def test_suspension_takes_offers_off_sale(self):
        seller = self.seller_1.with_user(self.user_sm_channel)
        self.assertFalse(self.offer_1._get_sale_error())
        action = seller.action_suspend()
        self.assertEqual(action['res_model'], 'sales.seller.reason')
        wizard = self.env['sales.seller.reason'].with_user(self.user_sm_channel).with_context(**action['context'])
        wizard.create({'reason': " Late again "}).action_apply()
        self.assertRecordValues(seller, [{'state': 'suspended', 'suspend_reason': "Late again"}])
        self.assertEqual(self.offer_1.state, 'active')
        self.assertIn("does not sell at present", self.offer_1._get_sale_error())
        seller.action_resume()
        self.assertFalse(self.offer_1._get_sale_error())
        with self.assertRaisesSaying(UserError, "Enter the reason"):
            seller.action_suspend("   ")
        with self.assertRaisesSaying(UserError, "with the button"):
            self.env['sales.seller.reason'].create({
                'res_model': 'sales.seller', 'res_ids': '1', 'method': 'unlink', 'reason': "x"}).action_apply()

    def test_close_only_when_nothing_is_open(self):
        seller = self.seller_1.with_user(self.user_sm_channel)
        row = grant(self.env['sales.seller.ledger'], LEDGER_GUARD).create({
            'seller_id': seller.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            'date': self.today, 'kind': 'adjust', 'amount': 5})
        move = self.env['account.move'].create({
            'move_type': 'entry', 'line_ids': [
                Command.create({'account_id': self.payable.id, 'partner_id': seller.partner_id.id, 'balance': -20}),
                Command.create({'account_id': self.clearing.id, 'balance': 20})]})
        move.action_post()
        with self.assertRaises(UserError) as caught:
            seller.action_close()
        self.assertIn("no statement has taken", str(caught.exception))
        self.assertRegex(str(caught.exception), r"balance of .*20\.00")
        self.assertEqual(seller.sudo().ledger_balance.strip('$\xa0 '), '5.00')
        grant(row, LEDGER_GUARD).unlink()
        move._reverse_moves(cancel=True)
        seller.action_close()
        self.assertRecordValues(seller, [{'state': 'closed', 'active': False}])
        self.assertEqual(self.offer_1.state, 'closed')
        seller.action_reapply()
        self.assertRecordValues(seller, [{'state': 'application', 'active': True}])
        self.assertTrue(seller.check_ids)


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerChecks(ChannelCommon):
    """Checks that expire, and where the money goes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer_2 = cls._create_user(
            'sm_settle2', 'sales_mgmt_addon.group_settlement_officer,base.group_partner_manager')
        cls.seller = cls.seller_1.with_user(cls.user_sm_settle)
        cls.account = cls.env['res.partner.bank'].create(
            {'acc_number': 'BANK-1234', 'partner_id': cls.seller.partner_id.id})
        cls.check_type = cls.env['sales.seller.check.type'].create({
            'name': "Food licence", 'kind': 'category', 'validity_months': 6, 'company_id': cls.company.id})
        cls.check = cls.env['sales.seller.check'].with_user(cls.user_sm_channel).create({
            'seller_id': cls.seller_1.id, 'type_id': cls.check_type.id})

    def _attach(self, user):
        document = self.env['ir.attachment'].with_user(user).create({
            'name': "licence.pdf", 'raw': b'secret', 'res_model': 'sales.seller.check'})
        self.check.with_user(user).document_ids = [Command.link(document.id)]
        return document

    def test_documents_stay_with_those_who_check(self):
        document = self._attach(self.user_sm_channel)
        self.assertRecordValues(document, [{'res_model': 'sales.seller.check', 'res_id': self.check.id, 'public': False}])
        for user in (self.user_sm_channel, self.user_sm_settle, self.user_sm_director):
            self.assertEqual(document.with_user(user).raw, b'secret')
        self.env.invalidate_all()
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_portal):
            with self.assertRaises(AccessError):
                document.with_user(user).read(['raw'])
            with self.assertRaises(AccessError):
                self.check.with_user(user).read(['number'])
        theirs = self.env['ir.attachment'].create({
            'name': "other.pdf", 'raw': b'x', 'res_model': 'res.partner', 'res_id': self.buyer.id})
        with self.assertRaisesSaying(AccessError, "belongs to something else"):
            self.check.with_user(self.user_sm_channel).document_ids = [Command.link(theirs.id)]

    def test_facts_and_verdicts(self):
        check = self.check
        with self.assertRaisesSaying(UserError, "Attach the document"):
            check.action_pass()
        self._attach(self.user_sm_channel)
        check.valid_until = fields.Date.add(self.today, days=-1)
        with self.assertRaisesSaying(UserError, "has expired on"):
            check.action_pass()
        check.valid_until = fields.Date.add(self.today, years=5)
        check.action_pass()
        self.assertRecordValues(check, [{
            'state': 'passed', 'checked_by_id': self.user_sm_channel.id,
            'accepted_until': fields.Date.add(self.today, months=6)}])
        check.number = "L-2"
        self.assertEqual(check.state, 'open')
        self.assertTrue(check._is_valid(), "a renewal that waits for its check stops nothing")
        with self.assertRaisesSaying(UserError, "Enter the reason"):
            check.action_reject()
        with self.assertRaisesSaying(AccessError, "do without a check"):
            check.with_user(self.user_sm_settle).action_waive("No food")
        check.action_waive("No food")
        self.assertRecordValues(check, [{'state': 'waived', 'reason': "No food"}])
        with self.assertRaisesSaying(AccessError, "settled with their buttons"):
            check.state = 'passed'
        with self.assertRaisesSaying(UserError, "stays on record"):
            check.unlink()

    def test_expired_check_holds_payouts(self):
        self._attach(self.user_sm_channel)
        self.check.action_pass()
        check = self.check._as_server()
        check.accepted_until = fields.Date.add(self.today, days=10)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_seller_checks').method_direct_trigger()
        self.assertFalse(self.seller_1.payout_hold)
        self.assertIn("Food licence of the seller expires on", self.seller_1.activity_ids.mapped('summary')[0])
        check.accepted_until = fields.Date.add(self.today, days=-1)
        self.env['sales.seller'].invalidate_model()
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_seller_checks').method_direct_trigger()
        self.assertTrue(self.seller_1.payout_hold)
        self.assertEqual(self.seller_1.payout_hold_reason, "Checks that do not hold: Food licence")
        signal = self.env['sales.signal'].search([('res_model', '=', 'sales.seller'), ('res_id', '=', self.seller_1.id)])
        self.assertRecordValues(signal, [{'code': 'seller_check_expired', 'state': 'open'}])
        self.seller.action_hold_payouts("Dispute")
        self.assertEqual(self.seller_1.payout_hold_reason, "Dispute / Checks that do not hold: Food licence")
        self.check.action_pass()
        self.assertEqual(self.seller_1.payout_hold_reason, "Dispute")
        self.assertEqual(signal.state, 'expired')
        self.seller.action_release_payouts()
        self.assertFalse(self.seller_1.payout_hold)

    def test_bank_account_by_two_people(self):
        seller = self.seller
        currency = self.company.currency_id

        def block():
            return seller.sudo()._get_payout_block(10.0, currency, self.today)
        self.assertIn("no bank account", block())
        foreign = self.env['res.partner.bank'].create({'acc_number': 'EVIL', 'partner_id': self.buyer.id})
        with self.assertRaisesSaying(UserError, "does not belong to Seller One"):
            seller._change_bank(foreign)
        with self.assertRaises(AccessError):
            self.seller_1.with_user(self.user_sm_sales)._change_bank(self.account)
        wizard = self.env['sales.seller.bank.change'].with_user(self.user_sm_settle).create({
            'seller_id': seller.id, 'bank_account_id': self.account.id})
        wizard.action_apply()
        self.assertIn("waits for approval", block())
        with self.assertRaisesSaying(AccessError, "somebody else approves it"):
            seller.action_approve_bank()
        seller.with_user(self.officer_2).action_approve_bank()
        self.assertFalse(block())
        self.account.with_user(self.officer_2).acc_number = 'BANK-1234'
        self.assertTrue(seller.bank_approved, "nothing has changed")
        self.account.with_user(self.officer_2).acc_number = 'BANK-9999'
        self.assertRecordValues(seller, [{'bank_approved': False, 'bank_changed_by_id': self.officer_2.id}])
        self.assertIn("…9999", seller.message_ids[0].body)
        with self.assertRaisesSaying(AccessError, "somebody else approves it"):
            seller.with_user(self.officer_2).action_approve_bank()
        self.account.partner_id = self.buyer
        with self.assertRaisesSaying(UserError, "does not belong to Seller One"):
            seller.action_approve_bank()
