"""Statements, profile and application of a seller in the portal."""

from odoo.tests import tagged

from ..internal import grant
from ..models.channel.const import SELLER_GUARD
from .seller_portal_common import SellerPortalCommon

PDF = b'%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerPortalAccount(SellerPortalCommon):

    # === STATEMENTS === #

    def test_statement_closes_on_the_page_and_on_paper(self):
        """200 net + 20 tax, less 15 % commission of 30 with 3 VAT: 187 are owed."""
        statement = self._statement(self._seller_order((self.offer_1, 2)))
        self.assertEqual(statement.amount_closing, 187.0)
        draft = self.env['sales.settlement'].search([('seller_id', '=', self.seller_1.id), ('state', '=', 'draft')])
        self.assertFalse(draft)
        self.authenticate('sm_seller_1', 'sm_seller_1')
        page = self._get_page('/my/seller/statements')
        self.assertTells(page, statement.name, '187.00', 'no bank account')
        page = self._get_page(f'/my/seller/statements/{statement.id}')
        self.assertTells(page, '200.00', '-30.00', '187.00', 'Commission')
        for document in ('pdf', 'commission'):
            response = self.url_open(f'/my/seller/statements/{statement.id}/{document}')
            self.assertEqual((response.status_code, response.headers['Content-Type']), (200, 'application/pdf'), document)
        self._get_page(f'/my/seller/statements/{statement.id}/self-billed', 404)
        self._get_page(f'/my/seller/statements/{statement.id}/move', 404)

    def test_what_is_not_settled_shows_as_estimate(self):
        """100 + 10 - 16.50 are booked and delivered, a tenth of them is kept as a reserve: 84.15 come next."""
        grant(self.seller_1, SELLER_GUARD).reserve_percent = 10
        order = self._seller_order((self.offer_1, 1))
        order._ship({order.line_ids: 1})
        order.sale_order_id._create_invoices().action_post()
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self.assertTells(self._get_page('/my/seller/statements'), '93.50', '84.15')

    def test_draft_statements_are_not_shown(self):
        order = self._seller_order((self.offer_1, 1))
        order._ship({order.line_ids: 1})
        order.sale_order_id._create_invoices().action_post()
        draft = self.env['sales.settlement']._collect(self.seller_1, self.today)
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self._get_page(f'/my/seller/statements/{draft.id}', 404)
        self._get_page(f'/my/seller/statements/{draft.id}/pdf', 404)

    # === CHECKS === #

    def test_documents_of_a_check(self):
        check = self.env['sales.seller.check'].create({
            'seller_id': self.seller_1.id, 'type_id': self.env.ref('sales_mgmt_addon.sales_seller_check_type_licence').id})
        self.authenticate('sm_seller_1', 'sm_seller_1')
        url = f'/my/seller/checks/{check.id}'
        for name, content in (
                ('evil.pdf', b'<html><script>alert(1)</script></html>'), ('licence.html', PDF), ('picture.png', PDF),
                ('empty.pdf', b'')):
            page = self._post(url, files={'document': (name, content, 'application/pdf')})
            self.assertTells(page, 'is no PDF, JPEG or PNG document')
        page = self._post(url, files={'document': ('big.pdf', PDF + b'0' * 10 * 1024 * 1024, 'application/pdf')})
        self.assertTells(page, 'larger than 10 MB')
        self.assertFalse(check.document_ids)
        page = self._post(
            url, files={'document': ('../licence.pdf', PDF, 'text/html')}, number="L-1", valid_until='2031-05-01', state='passed')
        self.assertTells(page, 'licence.pdf', 'will be checked')
        self.assertRecordValues(check, [{'number': "L-1", 'state': 'open'}])
        document = check.document_ids
        self.assertRecordValues(document, [{
            'name': "licence.pdf", 'mimetype': 'application/pdf', 'res_model': 'sales.seller.check', 'res_id': check.id,
            'public': False}])
        # what is sent once more as it was is looked at no more, what is new is
        check.with_user(self.user_sm_channel).action_pass()
        self._post(url, number="L-1", valid_until='2031-05-01')
        self.assertEqual(check.state, 'passed')
        self._post(url, number="L-1", valid_until='2032-05-01')
        self.assertEqual(check.state, 'open')
        response = self.url_open(f'{url}/documents/{document.id}')
        self.assertEqual(response.content, PDF)
        self.assertIn('attachment', response.headers['Content-Disposition'])
        # the usual address of documents knows no rights of a seller, and others get it nowhere
        self.assertNotEqual(self.url_open(f'/web/content/{document.id}').content, PDF)
        self.authenticate('sm_seller_2', 'sm_seller_2')
        self._get_page(f'{url}/documents/{document.id}', 404)
        self._post(url, 404, number="L-2")
        self.assertEqual(check.number, "L-1")

    # === BANK === #

    def test_new_bank_account_waits_for_approval(self):
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self.assertTells(self._post('/my/seller/bank', acc_number=" - "), 'Enter the number')
        page = self._post('/my/seller/bank', acc_number="DE12 3456 7890", acc_holder_name="One", bank_approved='1')
        self.assertTells(page, 'Payouts wait until we have approved it', 'Waits for our approval')
        self.assertHides(page, 'DE12 3456 7890')
        account = self.seller_1.bank_account_id
        self.assertRecordValues(account, [{'partner_id': self.seller_1.partner_id.id, 'acc_holder_name': "One"}])
        self.assertRecordValues(self.seller_1, [{'bank_approved': False, 'bank_changed_by_id': self.user_seller_1.id}])
        self.seller_1.with_user(self.user_sm_settle).action_approve_bank()
        self.assertTrue(self.seller_1.bank_approved)
        # the same number again is the same account, and is approved anew
        self._post('/my/seller/bank', acc_number="DE1234567890")
        self.assertEqual(self.seller_1.bank_account_id, account)
        self.assertFalse(self.seller_1.bank_approved)

    # === SCORE === #

    def test_score_is_explained_and_can_be_appealed(self):
        """5 of 20 orders late: 25 %, between 11.2 % and 46.9 % (Wilson), 4 % are allowed."""
        score = grant(self.env['sales.seller.score'], SELLER_GUARD).create({
            'seller_id': self.seller_1.id, 'month': self.today.replace(day=1), 'date_from': self.today, 'date_to': self.today,
            'orders': 20, 'due': 20, 'late': 5, 'late_rate': 25.0, 'late_bound': 11.19, 'level': 'suspend'})
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self.assertTells(self._get_page('/my/seller'), '5 / 20', '25.0', '11.2', '46.9', 'name="appeal"')
        url = f'/my/seller/scores/{score.id}/appeal'
        self._post(url, appeal="  ")
        self.assertFalse(score.appeal_state)
        self.assertTells(self._post(url, appeal="The carrier was on strike"), 'will answer', 'on strike')
        self.assertRecordValues(score, [{'appeal': "The carrier was on strike", 'appeal_state': 'open'}])
        self.assertTells(self._post(url, appeal="Again"), 'an appeal for this month already')
        score.with_user(self.user_sm_channel).action_accept_appeal("Accepted: strike")
        self.assertTells(self._get_page('/my/seller'), 'Accepted: strike')
        self.authenticate('sm_seller_2', 'sm_seller_2')
        self._post(url, 404, appeal="x")

    # === APPLICATION === #

    def test_company_applies(self):
        user = self._create_user('sm_applicant', 'base.group_portal', password='sm_applicant')
        self.authenticate('sm_applicant', 'sm_applicant')
        self.assertTells(self._post('/seller/apply', note="Lamps"), 'Only companies sell here')
        partner = self._create_partner("Applicant Ltd")
        user.partner_id.parent_id = partner
        self.assertTells(self._get_page('/seller/apply'), 'Applicant Ltd', 'name="note"')
        page = self._post('/seller/apply', note="Lamps <b>", vat_registered='1', state='active', offer_auto_approve='1')
        seller = self.env['sales.seller'].search([('partner_id', '=', partner.id)])
        self.assertRecordValues(seller, [{
            'state': 'application', 'company_id': self.company.id, 'vat_registered': True, 'offer_auto_approve': False}])
        self.assertTells(page, 'Your application is registered', 'Business licence')
        self.assertTrue(seller.check_ids)
        self.assertIn('Lamps &lt;b&gt;', ''.join(seller.message_ids.mapped('body')))
        # once is enough
        self._post('/seller/apply', note="Again")
        self.assertEqual(len(self.env['sales.seller'].search([('partner_id', '=', partner.id)])), 1)
