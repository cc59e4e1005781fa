from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged, users
from odoo.tools import mute_logger

from ..internal import grant
from ..models.channel.const import MODE_GUARD, OFFER_GUARD, PRESETS, RIGHT_NAMES, SELLER_GUARD
from ..models.channel.sales_channel_mode import ModeQuestion
from ..models.settlement.sale_order_line_promotion import PROMOTION_GUARD
from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestChannelRights(ChannelCommon):

    def _rights(self, line):
        return {right: line[right] for right in RIGHT_NAMES}

    def assertRefused(self, exception, regex, function, *args, **kwargs):
        with self.assertRaisesSaying(exception, regex), self.cr.savepoint():
            function(*args, **kwargs)
            self.env.flush_all()
        self.env.invalidate_all()

    # === RESOLUTION === #

    def test_rights_go_from_offer_to_channel(self):
        order = self._market_order((self.offer_1, 2), (self.own_product, 1), confirm=False)
        rights = order.order_line._get_rights()
        theirs, ours = order.order_line
        self.assertEqual(rights[theirs.id]['contracting_party'], 'seller')
        self.assertEqual(rights[ours.id]['revenue_presentation'], 'principal')

    def test_the_most_specific_subject_decides(self):
        parent = self.env['sales.channel'].create({'name': "Web", 'code': 'ALLWEB', 'type': 'web'})
        self.channel.parent_id = parent
        top = self.env['product.category'].create({'name': "Phones"})
        deep = self.env['product.category'].create({'name': "Smart Phones", 'parent_id': top.id})
        none = self.env['sales.channel.mode']
        question = ModeQuestion(self.company, self.offer_1, self.seller_1, deep, self.channel, self.today)
        by_seller = none.search([('seller_id', '=', self.seller_1.id)])
        own = ModeQuestion(self.company, none.offer_id, none.seller_id, deep, self.channel, self.today)
        expected = [none]
        found = [none._resolve([own])[0]]
        for subject in (
            {'channel_id': parent.id}, {'channel_id': self.channel.id}, {'category_id': top.id},
            {'category_id': top.id, 'channel_id': parent.id}, {'category_id': top.id, 'channel_id': self.channel.id},
            {'category_id': deep.id}, {'category_id': deep.id, 'channel_id': parent.id},
        ):
            expected.append(self._create_mode('consignment', **subject))
            found.append(none._resolve([own])[0])
        self.assertEqual(found, expected)
        self.assertEqual(none._resolve([question]), [by_seller])
        by_offer = self._create_mode('hosted', offer_id=self.offer_1.id)
        # many questions at once, in one query
        self.env.invalidate_all()
        (deep | top).mapped('parent_path')
        (self.channel | parent).mapped('parent_path')
        with self.assertQueryCount(1):
            answers = none._resolve([question, own, own] * 10)
        self.assertEqual(answers, [by_offer, expected[-1], expected[-1]] * 10)

    def test_a_version_holds_from_its_day_on(self):
        tomorrow = self.today + timedelta(days=1)
        new = self._create_mode('hosted', seller_id=self.seller_1.id, date_from=tomorrow)
        none = self.env['sales.channel.mode']
        today, then = none._resolve([
            ModeQuestion(self.company, self.offer_1, self.seller_1, self.product.categ_id, self.channel, day)
            for day in (self.today, tomorrow)])
        self.assertEqual((today.preset, then), ('marketplace', new))
        old = none.search([('seller_id', '=', self.seller_1.id)]) - new
        self.assertEqual((old.date_to, new.previous_id), (self.today, old))
        self.assertEqual((old.is_in_force, new.is_in_force), (True, False))
        self.assertIn(old, none.search([('is_in_force', '=', True)]))
        self.assertNotIn(new, none.search([('is_in_force', '=', True)]))

    # === FREEZING === #

    def test_confirming_freezes_rights_mode_and_price(self):
        order = self._market_order((self.offer_1, 2), (self.own_product, 1))
        theirs, ours = order.order_line
        self.assertEqual(self._rights(theirs), PRESETS['marketplace'])
        self.assertEqual(theirs.mode_id.seller_id, self.seller_1)
        self.assertEqual(theirs.price_snapshot, theirs.price_unit)
        self.assertTrue(theirs.rights_frozen_on)
        self.assertEqual(self._rights(ours), PRESETS['resale'])
        self.assertFalse(ours.mode_id)
        self.assertTrue(ours.rights_frozen_on)

    def test_running_orders_keep_their_rights(self):
        order = self._market_order((self.offer_1, 2))
        quotation = self._market_order((self.offer_1, 2), confirm=False)
        self._create_mode('hosted', seller_id=self.seller_1.id, date_from=self.today)
        self.assertEqual(order.order_line._get_rights()[order.order_line.id], PRESETS['marketplace'])
        quotation.action_confirm()
        self.assertEqual(self._rights(quotation.order_line), PRESETS['hosted'])

    def test_a_line_that_joins_a_confirmed_order_is_frozen_too(self):
        order = self._market_order((self.own_product, 1))
        order.order_line = [Command.create({'product_id': self.product.id, 'offer_id': self.offer_2.id})]
        joined = order.order_line[1]
        self.assertEqual(self._rights(joined), PRESETS['hosted'])
        grant(self.seller_2, SELLER_GUARD).state = 'suspended'
        self.assertRefused(UserError, "is suspended", order.write, {
            'order_line': [Command.create({'product_id': self.product.id, 'offer_id': self.offer_2.id})]})

    def test_a_quotation_again_forgets_its_rights(self):
        order = self._market_order((self.offer_1, 2))
        order._action_cancel()
        self.assertEqual(self._rights(order.order_line), PRESETS['marketplace'])
        order.action_draft()
        self.assertFalse(order.order_line.rights_frozen_on)
        self.assertFalse(any(self._rights(order.order_line).values()))
        self._create_mode('hosted', seller_id=self.seller_1.id, date_from=self.today)
        order.action_confirm()
        self.assertEqual(self._rights(order.order_line), PRESETS['hosted'])

    def test_a_copy_has_no_frozen_rights(self):
        copy = self._market_order((self.offer_1, 2)).copy()
        self.assertEqual(copy.order_line.offer_id, self.offer_1)
        self.assertFalse(copy.order_line.rights_frozen_on)
        self.assertFalse(copy.order_line.mode_id)

    def test_a_plain_write_of_the_state_freezes_too(self):
        order = self._market_order((self.offer_1, 2), confirm=False)
        order.state = 'sale'
        self.assertEqual(self._rights(order.order_line), PRESETS['marketplace'])
        created = self._market_order((self.offer_1, 2), confirm=False, state='sale')
        self.assertEqual(self._rights(created.order_line), PRESETS['marketplace'])
        blocked = self._market_order((self.offer_1, 1), confirm=False)
        grant(self.offer_1, OFFER_GUARD).state = 'paused'
        self.assertRefused(UserError, "not on sale", blocked.write, {'state': 'sale'})

    def test_confirming_tells_why_a_line_cannot_be_sold(self):
        order = self._market_order((self.offer_1, 1), confirm=False)
        for seller_state, regex in (('suspended', "is suspended"), ('approved', "is not active")):
            grant(self.seller_1, SELLER_GUARD).state = seller_state
            self.assertRefused(UserError, regex, order.action_confirm)
        grant(self.seller_1, SELLER_GUARD).state = 'active'
        self.offer_1.date_to = self.today - timedelta(days=1)
        self.assertRefused(UserError, "does not hold on", order.action_confirm)
        self.offer_1.date_to = False
        grant(self.offer_1, OFFER_GUARD).state = 'closed'
        self.assertRefused(UserError, "not on sale", order.action_confirm)
        grant(self.offer_1, OFFER_GUARD).state = 'active'
        self.own_product.categ_id = self.env['product.category'].create({'name': "Cases"})
        self._create_mode('marketplace', category_id=self.own_product.categ_id.id)
        own = self._market_order((self.own_product, 1), confirm=False)
        self.assertRefused(UserError, "Choose the offer of a seller", own.action_confirm)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')

    def test_a_seller_without_a_mode_cannot_sell(self):
        grant(self.seller_1.mode_ids, MODE_GUARD).write({'state': 'cancelled'})
        order = self._market_order((self.offer_1, 1), confirm=False)
        self.assertRefused(UserError, "Nobody has approved how", order.action_confirm)

    def test_what_is_no_good_of_its_own_needs_no_offer(self):
        self._create_mode('marketplace', channel_id=self.channel.id)
        discount = self._create_product("Discount", type='service', is_storable=False)
        order = self._market_order((self.offer_1, 1), confirm=False)
        order.order_line = [
            Command.create({'product_id': discount.id, 'price_unit': -1.0}),
            Command.create({'display_type': 'line_note', 'name': "Thank you"}),
        ]
        order.order_line._freeze_rights()
        self.assertEqual(self._rights(order.order_line[1]), PRESETS['resale'])
        self.assertFalse(order.order_line[2].rights_frozen_on)

    def test_a_promotion_has_the_rights_of_the_goods(self):
        self._create_mode('hosted', offer_id=self.offer_1.id)
        coupon = self._create_product("Coupon", type='service', is_storable=False)
        order = self._market_order((self.offer_1, 1), confirm=False)
        promotion = grant(self.env['sale.order.line'], PROMOTION_GUARD).create({
            'order_id': order.id, 'product_id': coupon.id, 'price_unit': -10.0, 'promo_seller_id': self.seller_1.id,
            'promo_funding': 'seller'})
        self.assertEqual(promotion._get_rights()[promotion.id], PRESETS['hosted'])

    @users('sm_sales')
    def test_frozen_rights_cannot_be_typed(self):
        order = self._market_order((self.offer_1, 2)).with_user(self.env.user)
        line = order.order_line
        self.assertRefused(AccessError, "cannot be typed", line.write, {'revenue_presentation': 'principal'})
        self.assertRefused(AccessError, "cannot be typed", line.write, {'price_snapshot': 1.0})
        self.assertRefused(AccessError, "cannot be typed", order.write, {'order_line': [Command.create({
            'product_id': self.own_product.id, 'rights_frozen_on': fields.Datetime.now(), 'inventory_owner': 'company'})]})
        self.assertRefused(AccessError, "cannot be typed", line.with_context(sales_mgmt_pass=['channel.rights']).write, {
            'mode_id': False})
        self.assertRefused(UserError, "add (a new|another) line", line.write, {'offer_id': False})
        order.with_context(default_tax_supplier='seller', default_rights_frozen_on='2020-01-01').write({
            'order_line': [Command.create({'product_id': self.own_product.id})]})
        self.assertEqual(self._rights(order.order_line[1]), PRESETS['resale'])
        self.assertEqual(order.order_line[1].rights_frozen_on.date(), fields.Date.today())

    def test_history_is_plain_resale(self):
        order = self._market_order((self.own_product, 1))
        order.order_line._unfreeze_rights()  # as if confirmed before there were channels
        self._create_mode('marketplace', channel_id=self.channel.id)
        self.assertEqual(order.order_line._get_rights()[order.order_line.id], PRESETS['resale'])

    def test_while_the_area_is_off_only_sellers_lines_freeze(self):
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_channel')
        order = self._market_order((self.offer_1, 1), (self.own_product, 1))
        theirs, ours = order.order_line
        self.assertEqual(self._rights(theirs), PRESETS['marketplace'])
        self.assertFalse(ours.rights_frozen_on)
        self.assertEqual(ours._get_rights()[ours.id], PRESETS['resale'])

    def test_rights_in_words(self):
        order = self._market_order((self.offer_1, 1), (self.offer_2, 1), (self.own_product, 1), confirm=False)
        texts = [
            "seller prices, seller ships, seller is the supplier, we are agent",
            "seller prices, we ship, seller is the supplier, we are agent",
            "we price, we ship, we are the supplier, we are principal",
        ]
        self.assertEqual(order.order_line.mapped('rights_text'), texts)
        order.action_confirm()
        self.assertEqual(order.order_line.mapped('rights_text'), texts)
        mixin = self.env['sales.rights.mixin']
        self.assertEqual(
            mixin._describe_rights(PRESETS['consignment']),
            "we price, seller owns the goods, we ship, we are the supplier, we are principal")
        self.assertEqual(
            mixin._describe_rights(PRESETS['agency']),
            "seller prices, seller ships, seller collects, seller is the supplier, we are agent")
        self.assertEqual(
            mixin._describe_rights({**PRESETS['marketplace'], 'tax_supplier': 'deemed'}),
            "seller prices, seller ships, seller is the contract party, we are the deemed supplier, we are agent")

    def test_freezing_takes_as_many_queries_for_20_lines_as_for_2(self):
        counts = []
        for number in (2, 2, 20):  # the first one warms up
            order = self._market_order(*[(self.offer_1, n + 1) for n in range(number)], confirm=False)
            self.env.flush_all()
            self.env.invalidate_all()
            order.order_line.mapped('product_id.categ_id.parent_path')
            before = self.cr.sql_log_count
            order._freeze_rights()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_confirming_takes_as_many_queries_for_20_lines_as_for_2(self):
        counts = []
        for number in (2, 2, 20):  # the first one warms up
            # goods that the seller ships: those from our stock take Odoo's own queries per line
            order = self._market_order(*[(self.offer_1, n + 1) for n in range(number)], confirm=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)

    # === MODES === #

    def _draft(self, preset, user=None, **values):
        subject = {} if values.keys() & {'channel_id', 'category_id', 'seller_id', 'offer_id'} else {
            'channel_id': self.channel.id}
        return self.env['sales.channel.mode'].with_user(user or self.user_sm_channel).create({
            'preset': preset, 'reason': "Contract of May", **subject, **values})

    def test_a_mode_fills_in_its_rights(self):
        mode = self._draft('hosted')
        self.assertEqual(self._rights(mode), PRESETS['hosted'])
        mode.preset = 'consignment'
        self.assertEqual(self._rights(mode), PRESETS['consignment'])
        mode.write(PRESETS['marketplace'])
        self.assertEqual(mode.preset, 'marketplace')
        mode.tax_supplier = 'deemed'
        self.assertEqual(mode.preset, 'marketplace')
        mode.price_control = 'company'
        self.assertEqual(mode.preset, 'custom')
        self.assertEqual(mode.author_id, self.user_sm_channel)

    def test_contradictory_rights_are_refused(self):
        for preset, change, regex in (
            ('marketplace', {'inventory_owner': 'company', 'fulfilled_by': 'company'}, "An agent does not own the goods"),
            ('resale', {'contracting_party': 'seller'}, "A principal is the buyer's contract party"),
            ('resale', {'collects_payment': 'seller'}, "we only earn a commission"),
            ('resale', {'fulfilled_by': 'seller'}, "cannot ship goods that are ours"),
            ('agency', {'tax_supplier': 'company'}, "the VAT cannot be ours"),
        ):
            with self.subTest(preset=preset, change=change):
                self.assertRefused(ValidationError, regex, self._draft, preset, **change)

    def test_a_mode_is_for_one_subject(self):
        for subject in (
            {'channel_id': False}, {'seller_id': self.seller_1.id, 'channel_id': self.channel.id},
            {'seller_id': self.seller_1.id, 'offer_id': self.offer_1.id},
        ):
            with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.cr.savepoint():
                self._draft('resale', **subject)

    def test_an_approved_version_stays_as_it_is(self):
        mode = self._draft('marketplace', seller_id=self.seller_1.id, date_from=self.today)
        mode.action_approve()
        self.assertEqual((mode.state, mode.approver_id), ('approved', self.user_sm_channel))
        self.assertTrue(mode.approved_on)
        for values in ({'preset': 'hosted'}, {'tax_supplier': 'deemed'}, {'date_from': self.today + timedelta(days=9)},
                       {'seller_id': self.seller_2.id}, {'reason': "Another one"}):
            self.assertRefused(UserError, "stays as it is", mode.write, values)
            self.assertRefused(UserError, "stays as it is", mode.sudo().write, values)
        self.assertRefused(UserError, "Only drafts", mode.unlink)
        self.assertRefused(UserError, "is in force", mode.action_cancel)
        self.assertRefused(AccessError, "set by its approval", mode.write, {'state': 'draft'})

    def test_approval_wants_a_reason_a_day_to_come_and_no_clash(self):
        mode = self._draft('hosted', reason=False)
        self.assertRefused(UserError, "reason", mode.action_approve)
        mode.write({'reason': "Contract", 'date_from': self.today - timedelta(days=1)})
        self.assertRefused(UserError, "in the past", mode.action_approve)
        mode.date_from = self.today
        mode.action_approve()
        other = self._draft('resale', date_from=self.today)
        self.assertRefused(UserError, "Another approved version", other.action_approve)
        version = self.env['sales.channel.mode'].browse(mode.action_new_version()['res_id'])
        self.assertEqual((version.date_from, version.state), (self.today + timedelta(days=1), 'draft'))
        version.action_approve()
        version.action_cancel()
        self.assertEqual(version.state, 'cancelled')

    def test_judgement_needs_somebody_else(self):
        mode = self._draft('platform')
        self.assertEqual(mode.suggestion, 'judgement')
        self.assertIn("contract party", mode.warning_text)
        self.assertRefused(UserError, "gross or net", mode.action_approve)
        mode.revenue_presentation_reason = "The seller controls the licence until it is used."
        self.assertRefused(AccessError, "Somebody else", mode.action_approve)
        mode.with_user(self.user_sm_director).action_approve()
        self.assertEqual(mode.approver_id, self.user_sm_director)

    def test_gross_with_the_seller_s_goods_and_price_is_a_warning(self):
        mode = self._draft('consignment')
        self.assertFalse(mode.warning_text)
        mode.price_control = 'seller'
        self.assertIn("Booked gross", mode.warning_text)
        mode.write({'preset': 'marketplace', 'primary_responsibility': 'company', 'inventory_risk': 'company'})
        self.assertIn("more indicators point to us", mode.warning_text)

    def test_a_review_reminds_the_approver(self):
        mode = self._draft('hosted', review_date=self.today + timedelta(days=90))
        mode.action_approve()
        self.assertEqual(mode.activity_ids.user_id, self.user_sm_channel)
        self.assertEqual(mode.activity_ids.date_deadline, self.today + timedelta(days=90))

    def test_only_channel_managers_write_modes(self):
        mode = self._draft('hosted')
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_settle, self.user_sm_billing):
            self.assertRefused(AccessError, ".", mode.with_user(user).write, {'reason': "Mine"})
            self.assertRefused(AccessError, ".", mode.with_user(user).action_approve)
            self.assertRefused(AccessError, ".", mode.with_user(user).action_cancel)
            self.assertEqual(mode.with_user(user).preset, 'hosted')
        self.assertRefused(AccessError, ".", mode.with_user(self.user_sm_portal).read, ['preset'])
        self.assertRefused(AccessError, "set by its approval", self._draft, 'hosted', state='approved')
        self.assertEqual(
            self.env['sales.channel.mode'].with_user(self.user_sm_channel).with_context(default_state='approved').create({
                'channel_id': self.channel.id}).state, 'draft')
