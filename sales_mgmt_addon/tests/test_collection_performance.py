from odoo.tests import tagged

from .collection_common import CollectionCommon

SPECIFICATION = {
    'partner_id': {'fields': {'display_name': {}}}, 'overdue_amount': {}, 'collectable_amount': {},
    'oldest_overdue_days': {}, 'dunning_level_id': {'fields': {'display_name': {}}}, 'score': {}, 'score_reason': {},
    'next_action': {}, 'next_date': {}, 'last_contact_on': {}, 'user_id': {'fields': {'display_name': {}}},
    'can_work': {}, 'state': {}, 'currency_id': {}, 'broken_promise_count': {}, 'kept_rate': {},
}


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionPerformance(CollectionCommon):
    """Many customers cost as many statements as few."""

    def _customers(self, name, count):
        partners = self.env['res.partner'].create([
            {'name': f"{name} {n}", 'is_company': True, 'user_id': self.user_sm_sales.id} for n in range(count)])
        for partner in partners:
            self._item(100, 20, partner=partner)
        self.env.flush_all()
        return partners

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        result = function()
        self.env.flush_all()
        return self.cr.sql_log_count - before, result

    def test_sync(self):
        few, many = self._customers("Few", 2), self._customers("Many", 40)
        self.Case._sync(few[:1])  # fills the caches
        few = self._customers("Few again", 2)
        opened, cases = self._count(lambda: self.Case._sync(few))
        self.assertEqual(len(cases), 2)
        opened_many, cases = self._count(lambda: self.Case._sync(many))
        self.assertEqual(len(cases), 40)
        self.assertLessEqual(opened_many, opened + 2)
        refreshed, _cases = self._count(lambda: self.Case._sync(few))
        refreshed_many, _cases = self._count(lambda: self.Case._sync(many))
        self.assertLessEqual(refreshed_many, refreshed)
        for partner in few + many:
            self._pay_items(self._receivables(self.env['account.move'].search([('partner_id', '=', partner.id)])))
        closed, _cases = self._count(lambda: self.Case._sync(few))
        closed_many, _cases = self._count(lambda: self.Case._sync(many))
        self.assertLessEqual(closed_many, closed + 2)

    def test_worklist_page(self):
        few, many = self._customers("Few", 2), self._customers("Many", 20)
        cases = self.Case._sync(few + many)
        Case = self.Case.with_user(self.user_sm_sales)

        def page(partners):
            return Case.web_search_read(
                [('partner_id', 'in', partners.ids), ('state', '!=', 'closed')], SPECIFICATION, limit=80)

        page(few)
        count, result = self._count(lambda: page(few))
        self.assertEqual(len(result['records']), 2)
        count_many, result = self._count(lambda: page(many))
        self.assertEqual(len(result['records']), 20)
        self.assertLessEqual(count_many, count)
        self.assertTrue(cases)
