from datetime import date, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .pack_common import PackCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivablePack(PackCommon):
    """What is frozen, by hand-worked numbers."""

    def test_first_pack(self):
        """Everything overdue is new; sums, buckets and people."""
        self._unmatched_receipt(100, self.first - timedelta(days=1))
        pack = self._freeze(self.first)
        self.assertEqual(pack.state, 'open')
        self.assertEqual(pack.name, f"Team Shenzhen {self.first:%Y-%m}")
        self.assertFalse(pack.previous_id)
        self.assertEqual(len(pack.line_ids), 6)
        self.assertEqual(set(pack.line_ids.mapped('movement')), {'new'})
        self.assertRecordValues(pack, [{
            'receivable_total': 4250.0, 'overdue_total': 3450.0, 'not_due_total': 800.0, 'unapplied_total': -100.0,
        }])
        self.assertAlmostEqual(pack.overdue_share, 3450 / 4250)
        self.assertEqual(
            [(bucket.days_from > 0, bucket.residual, bucket.item_count) for bucket in pack.bucket_ids],
            [(False, 800.0, 1), (True, 2850.0, 5), (True, 600.0, 1)])
        self.assertRecordValues(pack.person_ids.sorted('residual'), [
            {'user_id': self.user_sm_sales2.id, 'residual': 250.0, 'item_count': 1, 'paid_amount': 0.0},
            {'user_id': self.user_sm_sales.id, 'residual': 3200.0, 'item_count': 5, 'paid_amount': 0.0},
        ])
        self.assertRecordValues(self._line(pack, 'old'), [{
            'days_overdue': 100, 'residual': 600.0, 'amount': 600.0, 'date_due': self.first - timedelta(days=100),
            'partner_id': self.customer.id, 'user_id': self.user_sm_sales.id, 'team_id': self.team.id,
            'move_name': self.items['old'].name, 'needs_comment': True, 'comment_state': 'missing',
            'item_company_id': self.company.id, 'company_id': self.company.id, 'date': self.first,
        }])

    def test_movements(self):
        first = self._freeze(self.first)
        self._move_on()
        pack = self._freeze(self.second)
        self.assertEqual(pack.previous_id, first)
        expected = {
            'paid': ('paid', 0.0, 1000.0, 1000.0, False),
            'partly': ('partly', 300.0, 500.0, 200.0, True),
            'slipped': ('slipped', 400.0, 400.0, 0.0, True),
            'old': ('unchanged', 600.0, 600.0, 0.0, True),
            'disputed': ('disputed', 700.0, 700.0, 0.0, True),
            'other': ('slipped', 250.0, 250.0, 0.0, True),
            'new': ('new', 800.0, 0.0, 0.0, True),
        }
        self.assertEqual(len(pack.line_ids), len(expected))
        for key, (movement, residual, previous, paid, needs_comment) in expected.items():
            with self.subTest(item=key):
                self.assertRecordValues(self._line(pack, key), [{
                    'movement': movement, 'residual': residual, 'previous_residual': previous, 'paid_amount': paid,
                    'needs_comment': needs_comment}])
        self.assertTrue(self._line(pack, 'disputed').dispute_id)
        self.assertRecordValues(pack, [{
            'receivable_total': 3950.0, 'overdue_total': 3050.0, 'not_due_total': 900.0, 'unapplied_total': -100.0}])
        self.assertEqual(
            [(row['label'], row['count'], row['residual'], row['paid']) for row in pack._get_movements()],
            [("New", 1, 800.0, 0.0), ("Slipped into an older bucket", 2, 650.0, 0.0), ("Unchanged", 1, 600.0, 0.0),
             ("Partly paid", 1, 300.0, 200.0), ("Paid", 1, 0.0, 1000.0), ("Disputed", 1, 700.0, 0.0)])

    def test_what_was_paid_is_told_once(self):
        zeroth = self.first.replace(day=1) - timedelta(days=1)
        self._freeze(zeroth)
        self._pay_on(self.items['old'], zeroth + timedelta(days=5))
        first, second = self._freeze(self.first), self._freeze(self.second)
        self.assertEqual(self._line(first, 'old').movement, 'paid')
        self.assertFalse(self._line(second, 'old'))
        self.assertEqual(self._line(second, 'later').movement, False, "not overdue, so no line")

    def test_posted_after_the_freeze_with_an_earlier_date(self):
        """The pack stays; the check shows the late payment and the late invoice."""
        pack = self._freeze(self.first)
        self.assertEqual(pack.action_check()['tag'], 'display_notification')
        self._pay_on(self.items['paid'], self.first - timedelta(days=2))
        self._claim(50, self.first, -1)
        self.assertRecordValues(pack, [{'receivable_total': 4250.0, 'overdue_total': 3450.0}])
        self.assertEqual(self._line(pack, 'paid').residual, 1000.0)
        action = pack.action_check()
        rows = self.env[action['res_model']].with_user(self.user_sm_leader).search(action['domain'])
        self.assertEqual(
            [(row.reason, row.frozen, row.current) for row in rows if row.reason != 'total'],
            [('gone', 1000.0, 0.0), ('late', 0.0, 50.0)])
        self.assertEqual(
            [(row.frozen, row.current) for row in rows if row.reason == 'total'],
            [(4250.0, 3300.0), (3450.0, 2500.0)])
        self.assertEqual(self._line(pack, 'paid').residual, 1000.0)
        second = self._freeze(self.second)
        self.assertEqual(self._line(second, 'paid').movement, 'paid')

    def test_payment_after_the_month_end(self):
        """A pack frozen after the payment is the same as one frozen before it."""
        self._pay_on(self.items['paid'], self.first + timedelta(days=1))
        pack = self._freeze(self.first)
        self.assertEqual(self._line(pack, 'paid').residual, 1000.0)
        self.assertEqual(pack.action_check()['tag'], 'display_notification')

    def test_instalments_and_currency(self):
        """20 % and 30 % of 1,000 in a second currency at 2 per unit are overdue, of the second 100 were paid."""
        self._rate(self.first - timedelta(days=200), 2.0)
        invoice = self._direct_invoice(
            1000, due=self.first - timedelta(days=40), currency_id=self.usd.id, invoice_payment_term_id=self.terms.id)
        self.items['terms'] = invoice
        self._freeze(self.first)
        self._pay_on(invoice, self.first + timedelta(days=3), amount=300, currency=self.usd)
        pack = self._freeze(self.second)
        lines = self._line(pack, 'terms').sorted('date_due')
        # due 40 and 10 days before, and 20 days after the first month end: 200, 300 and 500 in currency
        self.assertEqual(
            [(line.movement, line.residual, line.residual_currency, line.paid_amount, line.previous_residual) for line in lines],
            [('paid', 0.0, 0.0, 100.0, 100.0), ('partly', 100.0, 200.0, 50.0, 150.0), ('new', 250.0, 500.0, 0.0, 0.0)])

    def test_reset_deleted_postponed_moved(self):
        """What is not overdue here any more, but was not paid, is told apart; frozen lines stay."""
        first = self._freeze(self.first)
        names = {key: self.items[key].name for key in ('paid', 'partly', 'slipped', 'old')}
        self.items['paid'].button_draft()
        self.items['partly'].button_draft()
        self.items['partly'].with_context(force_delete=True).unlink()
        self.items['slipped'].button_draft()
        self.items['slipped'].invoice_date_due = self.today + timedelta(days=90)
        self.items['slipped'].action_post()
        self.items['old'].write({'team_id': self.team_region.id})
        pack = self._freeze(self.second)
        movements = {line.move_name: line.movement for line in pack.line_ids}
        for key, name in names.items():
            self.assertEqual(movements.get(name), 'left', key)
        gone = first.line_ids.filtered(lambda line: line.move_name == names['partly'])
        self.assertRecordValues(gone, [{'residual': 500.0, 'line_id': False, 'move_id': False}])
        with self.assertRaisesSaying(UserError, "deleted"):
            gone.action_open_document()

    def test_scope(self):
        """A region holds its teams; the company holds what has no team, and branches."""
        region = self._freeze(self.first, team=self.team_region, user=self.user_sm_region)
        self.assertEqual(region.overdue_total, 3450.0)
        before = self._freeze(self.first, team=self.team.browse(), user=self.user_sm_director)
        orphan = self._create_partner("Nobody's Customer", email=False, user_id=False)
        branch = self.env['res.company'].create({'name': "Branch", 'parent_id': self.company.id})
        self.env.user.company_ids += branch
        orphan.with_company(branch).property_account_receivable_id = orphan.property_account_receivable_id
        invoice = self._claim(70, self.second, -3, partner=orphan, company=branch, invoice_user_id=False, team_id=False)
        pack = self._freeze(self.second, team=self.team.browse(), user=self.user_sm_director)
        line = pack.line_ids.filtered(lambda line: line.move_id == invoice)
        self.assertRecordValues(line, [{
            'user_id': False, 'team_id': False, 'item_company_id': branch.id, 'company_id': self.company.id, 'residual': 70.0}])
        self.assertEqual(pack.previous_id, before)
        self.assertEqual(line.person_id.display_name, f"Without salesperson {self.second:%Y-%m}")
        company = self._create_company("Second Company")
        self.user_sm_director.company_ids += company
        other = self._freeze(self.second, team=self.team.browse(), user=self.user_sm_director, company_id=company.id)
        self.assertFalse(other.line_ids)

    def test_promise_as_of(self):
        """A promise broken after the month end was open at the month end."""
        promise = self._promise(self.items['old'], self.first - timedelta(days=9), self.first + timedelta(days=4), 'broken')
        first = self._freeze(self.first)
        self.assertRecordValues(self._line(first, 'old'), [{
            'promise_id': promise.id, 'promise_state': 'open', 'promise_amount': 600.0, 'promise_date': promise.date}])
        second = self._freeze(self.second)
        self.assertEqual(self._line(second, 'old').promise_state, 'broken')
        self.assertEqual((first.broken_promise_count, second.broken_promise_count), (0, 1))
        person = second.person_ids.filtered(lambda person: person.user_id == self.user_sm_sales)
        self.assertRecordValues(person, [{'promised_amount': 600.0, 'kept_rate': 0.0}])

    def test_count_back(self):
        """Owed 250: March sold 100 (31 days), February 120 (28 days), of January's 90 are 30 owed: 31 · 30/90 days."""
        sales = [(date(2026, 3, 1), 100), (date(2026, 2, 1), 120), (date(2026, 1, 1), 90)]
        count = self.Pack._count_back
        self.assertAlmostEqual(count(250, sales, date(2026, 3, 31)), 31 + 28 + 31 * 30 / 90)
        self.assertAlmostEqual(count(50, sales, date(2026, 3, 31)), 15.5)
        self.assertAlmostEqual(count(999, sales, date(2026, 3, 31)), 90.0, msg="older sales are unknown")
        self.assertAlmostEqual(count(100, [(date(2026, 1, 1), 200)], date(2026, 2, 28)), 28 + 15.5, msg="no sale in a month")
        self.assertEqual(count(0, sales, date(2026, 3, 31)), 0.0)
        self.assertEqual(count(100, [], date(2026, 3, 31)), 0.0)

    def test_dates_and_duplicates(self):
        with self.assertRaisesSaying(ValidationError, "last day of a month"):
            self.Pack.create({'team_id': self.team.id, 'date': self.first - timedelta(days=1)})
        with self.assertRaisesSaying(ValidationError, "yet to come"):
            self.Pack.create({'team_id': self.team.id, 'date': date(self.today.year + 1, 12, 31)})
        pack = self._freeze(self.first)
        with self.assertRaisesSaying(UserError, "frozen already"):
            pack.action_freeze()
        with self.assertRaisesSaying(UserError, "cannot be changed"):
            pack.date = self.second
        with self.assertRaisesSaying(UserError, "frozen"):
            pack.unlink()
        branch = self.env['res.company'].create({'name': "Branch", 'parent_id': self.company.id})
        with self.assertRaisesSaying(ValidationError, "with its branches"):
            self.Pack.create({'team_id': False, 'company_id': branch.id})

    def test_locked_period(self):
        self.assertTrue(self._freeze(self.first).period_open)
        self.company.sudo().sale_lock_date = self.second
        self.assertFalse(self._freeze(self.second).period_open)

    def test_one_click(self):
        """The leader of a region gets the pack of the region, not one for each team below."""
        self.team.user_id = self.user_sm_region
        action = self.Pack.with_user(self.user_sm_region).action_freeze_last_month()
        pack = self.Pack.browse(action['res_id'])
        self.assertRecordValues(pack, [{
            'state': 'open', 'team_id': self.team_region.id, 'date': self.second, 'user_id': self.user_sm_region.id}])
        again = self.Pack.with_user(self.user_sm_region).action_freeze_last_month()
        self.assertEqual(again['res_id'], pack.id)

    def test_query_count(self):
        """The statements do not grow with the items."""
        self._freeze(self.first)
        counts = []
        for day in (self.first, self.second):
            pack = self.Pack.create({'team_id': self.team_region.id, 'date': day, 'user_id': self.user_sm_region.id})
            if counts:
                self.env['account.move'].create([
                    {
                        'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': day - timedelta(days=9),
                        'invoice_date_due': day - timedelta(days=4), 'invoice_payment_term_id': False,
                        'invoice_line_ids': [Command.create({
                            'name': "Goods", 'quantity': 1, 'price_unit': 10, 'tax_ids': [Command.clear()]})],
                    } for _number in range(30)]).action_post()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            pack.action_freeze()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 6, counts)
