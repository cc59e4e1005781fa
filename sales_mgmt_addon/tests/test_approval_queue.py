"""The queue in a real browser: what the list and the cards of a stock client offer."""
from odoo.tests import HttpCase, tagged

from .approval_common import ApprovalCommon

READY = "document.querySelector('.o_kanban_record:not(.o_kanban_ghost)') !== null"
APPROVE = """
    const until = async (find) => {
        for (let i = 0; i < 200; i++) {
            const found = find();
            if (found) { return found; }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error("not found: " + find);
    };
    const button = (scope, text) => [...document.querySelectorAll(scope + ' .btn')].find(
        (b) => b.textContent.trim() === text && b.offsetParent);
    (async () => {
        const card = document.querySelector('.o_kanban_record');
        for (const text of ['Document', '500.00', 'Discount']) {
            if (!card.textContent.includes(text)) {
                throw new Error(text + " is not on the card: " + card.textContent);
            }
        }
        button('.o_kanban_record', 'Approve').click();
        (await until(() => button('.modal footer', 'Approve'))).click();
        await until(() => !document.querySelector('.modal'));
        await until(() => !document.querySelector('.o_kanban_record:not(.o_kanban_ghost)'));
        await until(() => document.querySelector('.o_view_nocontent'));
        console.log('test successful');
    })().catch((error) => console.error(error.message));
"""


@tagged('post_install', '-at_install')
class TestApprovalQueue(ApprovalCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule(steps=[{'approver_type': 'team_leader', 'deadline_hours': 8}])
        cls.user_sm_leader.write({'tour_enabled': False, 'password': 'sm_leader'})

    def test_approve_from_the_queue(self):
        request = self._ask(self._create_subject(), reason="Please")
        self.browser_js('/odoo/my-approvals', APPROVE, ready=READY, login='sm_leader')
        self.env.invalidate_all()
        self.assertEqual(request.state, 'approved')
        self.assertEqual(request.decision_ids.user_id, self.user_sm_leader)

    def test_every_view_opens(self):
        request = self._ask(self._create_subject(), reason="Please")
        code = """
            const shown = document.querySelector('.o_action_manager').textContent;
            console.log(shown.includes('Document') ? 'test successful' : 'error: ' + shown);
        """
        for path, ready in (
            ('/odoo/approval-requests', '.o_data_row'),
            (f'/odoo/approval-requests/{request.id}', ".o_form_view .o_field_widget[name='step_ids'] .o_data_row"),
        ):
            self.browser_js(path, code, ready=f'document.querySelector("{ready}") !== null', login='sm_leader')
