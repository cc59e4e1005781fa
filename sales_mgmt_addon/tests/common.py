from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

ROLES = {
    'sm_sales': 'sales_team.group_sale_salesman',
    'sm_sales2': 'sales_team.group_sale_salesman',
    'sm_leader': 'sales_mgmt_addon.group_team_leader',
    'sm_region': 'sales_mgmt_addon.group_team_leader',
    'sm_controller': 'sales_mgmt_addon.group_credit_controller',
    'sm_director': 'sales_mgmt_addon.group_director',
    'sm_manager': 'sales_team.group_sale_manager',
    'sm_billing': 'account.group_account_invoice',
    'sm_stock': 'stock.group_stock_user',
    'sm_channel': 'sales_mgmt_addon.group_channel_manager',
    'sm_settle': 'sales_mgmt_addon.group_settlement_officer',
    'sm_portal': 'base.group_portal',
}


class SalesMgmtCommon(TransactionCase):
    """A small sales organisation: one user per role, a region with a team in it, goods and customers.

    Every role is an attribute (`user_sm_sales`, …) and can be named in ``@users('sm_sales')``.
    The team is led by `sm_leader` and lies in the region led by `sm_region`; `sm_sales` and
    `sm_sales2` are its members.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the tests read messages, whatever languages the database speaks
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True, 'lang': 'en_US'})
        cls.company = cls.env.company
        for login in ROLES:
            setattr(cls, f'user_{login}', cls._create_user(login, ROLES[login]))
        cls.team_region = cls._create_team("Region South", leader=cls.user_sm_region)
        cls.team = cls._create_team(
            "Team Shenzhen", leader=cls.user_sm_leader, parent=cls.team_region,
            members=cls.user_sm_sales | cls.user_sm_sales2,
        )

    # === FACTORIES === #

    @classmethod
    def _create_user(cls, login, groups, **values):
        """Return a new user; ``groups`` are XML ids, separated by commas."""
        is_portal = groups == 'base.group_portal'
        active = values.pop('active', True)
        user = new_test_user(cls.env, **{
            'login': login,
            'groups': groups,
            'name': login.replace('_', ' ').title(),
            'email': f'{login}@example.com',
            'lang': 'en_US',
            **({} if is_portal else {'notification_type': 'inbox'}),
            **values,
        })
        if not active:
            user.active = False
        return user

    @classmethod
    def _create_team(cls, name, leader=None, parent=None, members=None, **values):
        return cls.env['crm.team'].create({
            'name': name,
            'user_id': leader.id if leader else False,
            'parent_id': parent.id if parent else False,
            'member_ids': [Command.set(members.ids if members else [])],
            **values,
        })

    @classmethod
    def _create_partner(cls, name="Customer", **values):
        return cls.env['res.partner'].create({
            'name': name, 'is_company': True, 'email': 'customer@example.com', **values,
        })

    @classmethod
    def _create_product(cls, name="Goods", **values):
        return cls.env['product.product'].create({
            'name': name, 'type': 'consu', 'is_storable': True, 'list_price': 100.0,
            'standard_price': 40.0, 'invoice_policy': 'order', 'taxes_id': [Command.clear()], **values,
        })

    @classmethod
    def _create_company(cls, name="Second Company", **values):
        return cls.env['res.company'].create({'name': name, **values})

    @classmethod
    def _create_rule(cls, kind='discount', steps=('team_leader',), **values):
        """Return a new approval rule.

        :param str kind: kind of approval
        :param steps: approver types, or dicts with the values of a step
        :param values: other values; rules of the kind that come with the add-on are archived first
            unless ``keep_others``
        """
        Rule = cls.env['sales.approval.rule']
        if not values.pop('keep_others', False):
            Rule.search([('kind', '=', kind)]).action_archive()
        return Rule.create({
            'name': f"Test {kind}",
            'kind': kind,
            'step_ids': [
                Command.create({
                    'sequence': index,
                    **({'approver_type': step} if isinstance(step, str) else step),
                })
                for index, step in enumerate(steps, 1)
            ],
            **values,
        })

    # === ASSERTIONS === #

    @contextmanager
    def assertRaisesSaying(self, exception, regex):
        """Like ``assertRaisesRegex``, but what was done before the error is rolled back."""
        with self.assertRaises(exception) as caught:
            yield caught
        self.assertRegex(str(caught.exception), regex)
