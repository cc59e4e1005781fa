import math
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sales_mgmt_addon.hooks import _create_credit_profiles

from .credit_common import CreditCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCreditProfile(CreditCommon):

    # === PROTECTION === #

    def test_nobody_writes_terms(self):
        admin = self.env.ref('base.user_admin')
        users = [
            self.user_sm_sales, self.user_sm_leader, self.user_sm_controller, self.user_sm_director,
            self.user_sm_manager, self.user_sm_billing, admin,
        ]
        for profile in [self.profile.with_user(user) for user in users] + [self.profile.sudo(), self.profile]:
            for values in (
                {'policy': 'unlimited'}, {'limit': 5}, {'temporary_limit': 5}, {'temporary_until': self.today},
                {'hold': True}, {'credit_class': 'A'}, {'review_date': self.today}, {'overdue_days_allowed': 9},
                {'overdue_amount_allowed': 9}, {'version': 9}, {'duplicate_checked': True},
                {'duplicate_of_id': profile.id}, {'partner_id': 1}, {'company_id': 1},
            ):
                with self.assertRaises(AccessError):
                    profile.write(values)
            with self.assertRaises(AccessError):
                profile.unlink()
            with self.assertRaises(AccessError):
                profile.with_context(sales_mgmt_pass=['credit.profile'], force=True).write({'limit': 5})

    def test_nobody_creates_profiles(self):
        partner = self._create_partner("Fresh", email=False)
        values = {'partner_id': partner.id, 'company_id': self.company.id, 'policy': 'unlimited'}
        for user in (self.user_sm_sales, self.user_sm_controller, self.env.ref('base.user_admin')):
            with self.assertRaises(AccessError):
                self.env['sales.credit.profile'].with_user(user).create(values)
        with self.assertRaises(AccessError):
            self.env['sales.credit.profile'].sudo().create(values)
        with self.assertRaises(AccessError):
            partner.write({'credit_profile_ids': [Command.create({'company_id': self.company.id})]})

    def test_who_reads(self):
        strangers = self._profile(self._create_partner("Stranger", email=False))
        both = self.profile + strangers

        def visible(user):
            return self.env['sales.credit.profile'].with_user(user).search([('id', 'in', both.ids)])

        self.assertEqual(visible(self.user_sm_sales), self.profile)
        self.assertFalse(visible(self.user_sm_sales2))
        self.assertEqual(visible(self.user_sm_leader), self.profile)
        self.assertEqual(visible(self.user_sm_region), self.profile)
        for user in (self.user_sm_controller, self.user_sm_director, self.user_sm_billing, self.user_sm_manager):
            self.assertEqual(visible(user), both)
        for user in (self.user_sm_portal, self.user_sm_stock):
            with self.assertRaises(AccessError):
                visible(user)
        self._order((self.service, 1), confirm=False, partner=strangers.partner_id, user_id=self.user_sm_sales2.id)
        self.assertEqual(visible(self.user_sm_sales2), strangers, "His own order shows him the customer's credit")

    def test_other_company(self):
        other = self._create_company("Hidden Company")
        profile = self._profile(self.customer, other)
        self.assertFalse(self.env['sales.credit.profile'].with_user(self.user_sm_controller).search(
            [('id', '=', profile.id)]))

    def test_portal_reads_nothing(self):
        self.user_sm_portal.partner_id.parent_id = self.customer
        with self.assertRaises(AccessError):
            self.profile.with_user(self.user_sm_portal).read(['limit'])
        for model, names in (('res.partner', ['credit_profile_ids']), ('sale.order', ['credit_usage_percent'])):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user_sm_portal).search([], limit=1).read(names)

    # === CORE'S OWN LIMIT === #

    def test_mirror(self):
        branch = self.env['res.company'].create({'name': "Mirror Branch", 'parent_id': self.company.id})
        other = self._create_company("Mirror Other")
        self.profile._change_terms({'policy': 'limited', 'limit': 700})
        self.assertEqual(self.customer.with_company(self.company).credit_limit, 700)
        self.assertEqual(self.customer.with_company(branch).credit_limit, 700)
        self.assertEqual(self.customer.with_company(other).credit_limit, 0)
        self.profile._change_terms({'temporary_limit': 900, 'temporary_until': self.today})
        self.assertEqual(self.customer.credit_limit, 900)
        self.profile._change_terms({'policy': 'no_credit'})
        self.assertEqual(self.customer.credit_limit, 0)

    def test_core_limit_is_not_typed(self):
        for user in (self.user_sm_billing, self.env.ref('base.user_admin')):
            with self.assertRaises(UserError):
                self.customer.with_user(user).write({'credit_limit': 5})
        with self.assertRaises(UserError):
            self.customer.credit_limit = 5
        with self.assertRaises(UserError):
            self.customer.use_partner_credit_limit = True
        with self.assertRaises(UserError):
            self.env['res.partner'].create({'name': "Typed", 'credit_limit': 5})
        self.customer.credit_limit = self.customer.credit_limit
        self.profile._change_terms({'policy': 'limited', 'limit': 700})
        # Contacts are given copies, which nobody reads
        contact = self.env['res.partner'].create({'name': "Contact", 'parent_id': self.customer.id})
        self.assertEqual(contact.credit_limit, 700)
        self.customer.write({'name': "Renamed"})

    def test_core_limit_is_free_while_the_area_is_off(self):
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_credit')
        self.customer.credit_limit = 5
        self.assertEqual(self.customer.credit_limit, 5)

    # === CREATION === #

    def test_defaults_of_the_company(self):
        self.company.write({
            'credit_default_policy': 'limited', 'credit_default_limit': 250,
            'credit_default_overdue_days': 7, 'credit_default_overdue_amount': 3,
        })
        partner = self._create_partner("Defaults", email=False, user_id=self.user_sm_sales.id)
        profile = self._profile(partner)
        self.assertRecordValues(profile, [{
            'policy': 'limited', 'limit': 250, 'overdue_days_allowed': 7, 'overdue_amount_allowed': 3,
            'user_id': self.user_sm_sales.id, 'team_id': self.team.id, 'hold': False,
        }])
        self.assertEqual(partner.credit_limit, 250)
        self.assertEqual(self._profile(partner), profile)

    @mute_logger('odoo.sql_db')
    def test_unique(self):
        self.env.flush_all()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env.cr.execute("""
                INSERT INTO sales_credit_profile (partner_id, company_id, policy, "limit")
                SELECT partner_id, company_id, policy, "limit" FROM sales_credit_profile WHERE id = %s
            """, [self.profile.id])

    def test_salesperson_moves_with_the_customer(self):
        self.customer.user_id = self.user_sm_sales2
        self.assertEqual(self.profile.user_id, self.user_sm_sales2)

    def test_bad_defaults(self):
        for values in (
            {'credit_default_limit': -1}, {'credit_default_limit': math.inf}, {'credit_default_overdue_days': -1},
            {'credit_default_overdue_amount': -0.01},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.company.write(values)
        for limit in (-1, math.nan, math.inf, 1e13):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.profile._change_terms({'limit': limit})
                self.env.flush_all()

    def test_smart_buttons(self):
        order = self._order((self.service, 1), confirm=False, user_id=self.user_sm_sales.id)
        for record in (self.customer, order):
            action = record.with_user(self.user_sm_sales).action_open_credit_profile()
            self.assertEqual(action['res_id'], self.profile.id)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.user_sm_portal).action_open_credit_profile()
        with self.assertRaises(AccessError):
            self.customer.with_user(self.user_sm_stock).action_open_credit_profile()
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        self._order((self.service, 5))
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.with_user(self.user_sm_sales).credit_usage_percent, 50)
        order.invalidate_recordset()
        self.assertEqual(order.with_user(self.user_sm_sales).credit_usage_percent, 50)

    # === INSTALLATION === #

    def test_install_on_existing_data(self):
        limited = self._create_partner("Old Limited", email=False)
        free = self._create_partner("Old Free", email=False)
        unset = self._create_partner("Old Unset", email=False)
        customers = limited + free + unset
        order = self._order((self.service, 90), partner=limited)
        self.company.account_use_credit_limit = True
        self.env['ir.default'].set('res.partner', 'credit_limit', 500.0, company_id=self.company.id)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sales_credit_profile WHERE partner_id = ANY(%s)", [customers.ids])
        for partner, amount in ((limited, 800.0), (free, 0.0)):
            self.env.cr.execute(
                "UPDATE res_partner SET credit_limit = jsonb_build_object(%s, %s) WHERE id = %s",
                [str(self.company.id), amount, partner.id])
        self.env.invalidate_all()
        _create_credit_profiles(self.env)
        self.env.invalidate_all()
        self.assertEqual(self.company.credit_default_policy, 'limited')
        self.assertEqual(self.company.credit_default_limit, 500)
        found = {
            profile.partner_id: (profile.policy, profile.limit)
            for profile in self.env['sales.credit.profile'].search([('partner_id', 'in', customers.ids)])}
        self.assertEqual(found, {limited: ('limited', 800.0), free: ('unlimited', 0.0)})
        self.assertEqual(order.state, 'sale', "What is confirmed stays, even beyond the limit")
        self.assertEqual(limited.credit_limit, 800)
        self.assertEqual((self._profile(unset).policy, self._profile(unset).limit), ('limited', 500.0))

    # === CRONS === #

    def test_crons(self):
        self.profile._change_terms({
            'policy': 'limited', 'limit': 100, 'temporary_limit': 300, 'temporary_until': self.today,
            'review_date': self.today + timedelta(days=3),
        })
        temporary = self.env.ref('sales_mgmt_addon.ir_cron_sales_credit_temporary')
        with self.enter_registry_test_mode():
            temporary.method_direct_trigger()
        self.assertEqual(self.profile.effective_limit, 300)
        self.profile._change_terms({'temporary_until': self.today - timedelta(days=1)})
        with self.enter_registry_test_mode():
            temporary.method_direct_trigger()
        self.assertRecordValues(self.profile, [{'temporary_limit': 0, 'temporary_until': False, 'limit': 100}])
        self.assertEqual(self.customer.credit_limit, 100)
        review = self.env.ref('sales_mgmt_addon.ir_cron_sales_credit_review')
        with self.enter_registry_test_mode():
            review.method_direct_trigger()
            review.method_direct_trigger()
        self.assertEqual(len(self.profile.activity_ids), 1)
