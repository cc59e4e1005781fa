"""The comparison of years in a real browser."""
from odoo.tests import HttpCase, tagged

from .attainment_common import AttainmentCommon

YEARS = """
    const until = async (find) => {
        for (let i = 0; i < 200; i++) {
            const found = find();
            if (found) { return found; }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error("not found: " + find);
    };
    (async () => {
        for (const text of ['2025', '2026', 'February', '100.00', '150.00']) {
            await until(() => document.querySelector('div.o_pivot').textContent.includes(text));
        }
        document.querySelector('.o_switch_view.o_graph').click();
        await until(() => document.querySelector('.o_graph_renderer canvas') || document.querySelector('.o_error_dialog'));
        if (document.querySelector('.o_error_dialog')) {
            throw new Error("the graph does not open");
        }
        console.log('test successful');
    })().catch((error) => console.error(error.message));
"""


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentViews(AttainmentCommon, HttpCase):

    def test_year_by_year(self):
        self.user_sm_manager.write({'tour_enabled': False, 'password': 'sm_manager'})
        self._taxed_invoice(100, due='2025-02-03')
        self._taxed_invoice(150, due='2026-02-03')
        entries = self._entries('invoiced', partner_id=self.customer.id)
        self.assertEqual(entries.mapped('year'), ['2025', '2026'])
        self.assertEqual(set(entries.mapped('month_of_year')), {'02'})
        self.browser_js(
            '/odoo/attainment-years', YEARS, ready="document.querySelector('div.o_pivot td') !== null", login='sm_manager')
