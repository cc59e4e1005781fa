from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .approval_common import ApprovalCommon
from .approval_subject import SUBJECT


@tagged('post_install', '-at_install')
class TestApprovalLifeCycle(ApprovalCommon):
    """What covers a document, what voids it, what lapses, what happens when it is gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls.subject = cls._create_subject()

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_approval_follow_up').method_direct_trigger()
        self.env.invalidate_all()

    def _approved(self, subject=None):
        request = self._ask(subject or self.subject)
        self._approve(request, self.user_sm_leader)
        return request

    # === COVERING === #

    def test_asking_twice_asks_once(self):
        request = self._ask(self.subject)
        self.assertEqual(self._ask(self.subject, user=self.user_sm_sales2), request)
        self._approve(request, self.user_sm_leader)
        self.assertEqual(self._ask(self.subject), request)
        self.assertNotEqual(self._ask(self.subject, 'credit'), request)

    def test_asking_again_after_a_rejection(self):
        request = self._ask(self.subject)
        request.with_user(self.user_sm_leader).action_reject("No")
        again = self._ask(self.subject)
        self.assertNotEqual(again, request)
        self.assertEqual(again.state, 'pending')

    def test_asking_again_after_an_unnoticed_change(self):
        request = self._ask(self.subject)
        self.subject.amount = 600
        again = self._ask(self.subject)
        self.assertEqual(request.state, 'void')
        self.assertEqual(again.state, 'pending')
        self.assertEqual(self.subject.events, '', "asked anew at once: nothing else follows")

    def test_covering(self):
        self.assertFalse(self.subject._approval_covering(['discount']))
        request = self._ask(self.subject)
        self.assertFalse(self.subject._approval_covering(['discount']))
        self._approve(request, self.user_sm_leader)
        self.assertEqual(self.subject._approval_covering(['discount', 'credit']), {
            (self.subject.id, 'discount'): request,
        })
        self.assertFalse(self.subject._approval_covering(['credit']))
        self.subject.discount = 5
        self.assertTrue(self.subject._approval_covering(['discount']), "better for us")
        self.subject.discount = 11
        self.assertFalse(self.subject._approval_covering(['discount']), "worse, though nobody voided it yet")

    def test_better_facts_are_the_ones_agreed(self):
        request = self._ask(self.subject)
        self.subject.discount = 5
        self._approve(request, self.user_sm_leader)
        self.assertEqual(request.fingerprint['discount'], 5)
        self.subject.discount = 10
        self.assertFalse(self.subject._approval_covering(['discount']))

    def test_a_copy_carries_nothing(self):
        self._approved()
        self.assertFalse(self.subject.copy()._approval_covering(['discount']))

    # === VOIDING === #

    def test_worse_voids_better_keeps(self):
        for decided in (False, True):
            with self.subTest(decided=decided):
                subject = self._create_subject()
                request = self._approved(subject) if decided else self._ask(subject)
                subject.write({'discount': 5, 'amount': 400})
                subject._approval_revalidate()
                self.assertEqual(request.state, 'approved' if decided else 'pending')
                subject.write({'discount': 15})
                subject._approval_revalidate()
                self.assertEqual(request.state, 'void')
                self.assertFalse(request.activity_ids)
                self.assertIn('void:discount', subject.events)
                self.assertIn("changed for the worse", self._notes(subject))
                self.assertTrue(request.close_reason)
                with self.assertRaisesSaying(UserError, "already decided"):
                    self._approve(request, self.user_sm_leader)

    def test_approving_what_got_worse_is_refused(self):
        request = self._ask(self.subject)
        self.subject.discount = 50
        with self.assertRaisesSaying(UserError, "has changed"):
            self._approve(request, self.user_sm_leader)
        request.with_user(self.user_sm_leader).action_reject("Outdated")
        self.assertEqual(request.state, 'rejected')

    def test_withdraw(self):
        discount, credit = self._ask(self.subject), self._ask(self.subject, 'credit')
        self.subject._approval_withdraw(['credit'], "Not needed.")
        self.assertEqual((discount.state, credit.state), ('pending', 'cancelled'))
        self.assertIn("Not needed.", self._notes(self.subject))
        self.subject._approval_withdraw()
        self.assertEqual(discount.state, 'cancelled')

    # === LAPSING === #

    def test_expired_approvals_do_not_cover(self):
        request = self._approved()
        request.expires_on = fields.Date.today()
        self.assertTrue(self.subject._approval_covering(['discount']))
        request.expires_on = fields.Date.today() - timedelta(days=1)
        self.assertFalse(self.subject._approval_covering(['discount']))
        self.subject.spent = True
        self.assertTrue(self.subject._approval_covering(['discount']), "used approvals keep")

    def test_cron_voids_what_lapsed(self):
        pending = self._ask(self.subject)
        unused, used = self._create_subject(), self._create_subject(spent=True)
        unused_request, used_request = self._approved(unused), self._approved(used)
        fresh = self._ask(self._create_subject())
        yesterday = fields.Date.today() - timedelta(days=1)
        (pending | unused_request | used_request).expires_on = yesterday
        self._run_cron()
        self.assertEqual(pending.state, 'void')
        self.assertEqual(unused_request.state, 'void')
        self.assertEqual(used_request.state, 'approved')
        self.assertFalse(used_request.expires_on)
        self.assertEqual(fresh.state, 'pending')
        self.assertIn('void:discount', self.subject.events)
        self.assertIn("valid until", self._notes(self.subject))

    def test_validity_of_the_rule(self):
        self._create_rule(validity_days=5)
        request = self._ask(self.subject)
        self.assertEqual(request.expires_on, fields.Date.today() + timedelta(days=5))
        request.expires_on = fields.Date.today()
        self._approve(request, self.user_sm_leader)
        self.assertEqual(request.expires_on, fields.Date.today() + timedelta(days=5), "time to use the approval")
        self._create_rule(validity_days=0)
        self.assertFalse(self._ask(self._create_subject()).expires_on)

    def test_one_bad_request_does_not_stop_the_others(self):
        bad, good = self._ask(self.subject), self._ask(self._create_subject())
        (bad | good).expires_on = fields.Date.today() - timedelta(days=1)
        original = type(self.subject)._approval_on_void

        def broken(subject, request):
            if subject.id == bad.res_id:
                raise UserError("broken")  # pylint: disable=translation-required
            return original(subject, request)
        self.patch(type(self.subject), '_approval_on_void', broken)
        with self.assertLogs('odoo.addons.sales_mgmt_addon.models.approval.sales_approval_request', 'ERROR'):
            self._run_cron()
        self.assertEqual((bad.state, good.state), ('pending', 'void'))

    # === DOCUMENTS THAT GO === #

    def test_deleting_the_document_cancels(self):
        request = self._ask(self.subject)
        decided = self._ask(self.subject, 'credit')
        self._approve(decided, self.user_sm_controller)
        self.subject.unlink()
        self.assertEqual((request.state, decided.state), ('cancelled', 'approved'))
        self.assertFalse(request.activity_ids)
        self.assertEqual(request.subject_display, "Document (deleted)")
        self.assertTrue(decided.decision_ids)
        with self.assertRaisesSaying(UserError, "does not exist any more"):
            request.action_open_subject()

    def test_document_gone_behind_our_back(self):
        request = self._ask(self.subject)
        self.env.cr.execute("DELETE FROM sales_approval_test_subject WHERE id = %s", [self.subject.id])
        self.env.invalidate_all()
        for decide in (
            lambda: self._approve(request, self.user_sm_leader),
            lambda: request.with_user(self.user_sm_leader).action_reject("No"),
        ):
            with self.assertRaisesSaying(UserError, "does not exist any more"):
                decide()
        self._run_cron()
        self.assertEqual(request.state, 'cancelled')

    def test_model_gone(self):
        request = self._ask(self.subject)
        self.env.cr.execute(
            "UPDATE sales_approval_request SET res_model = 'gone.model' WHERE id = %s", [request.id])
        self.env.invalidate_all()
        self.assertIn("(deleted)", request.subject_display)
        with self.assertRaisesSaying(UserError, "does not exist any more"):
            self._approve(request, self.user_sm_leader)
        request.with_user(self.user_sm_sales).action_cancel()
        self.assertEqual(request.state, 'cancelled')

    # === COST === #

    def test_queries_do_not_grow(self):
        subjects = self.env[SUBJECT].create([{
            'name': f"Document {index}", 'amount': 10, 'discount': 1, 'team_id': self.team.id,
        } for index in range(20)])
        for subject in subjects:
            self._approved(subject)
        for count in (1, 20):
            some = subjects[:count]
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped('amount')
            with self.subTest(count=count), self.assertQueryCount(1):
                self.assertEqual(len(some._approval_covering(['discount', 'credit'])), count)
            self.env.invalidate_all()
            some.mapped('amount')
            with self.subTest(count=count), self.assertQueryCount(1):
                some._approval_revalidate()
        self.assertEqual(set(subjects.approval_request_ids.mapped('state')), {'approved'})
