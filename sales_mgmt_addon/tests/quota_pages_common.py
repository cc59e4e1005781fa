from datetime import date

from .quota_follow_common import YEAR, QuotaFollowCommon


class QuotaPagesCommon(QuotaFollowCommon):
    """The plan for 2031, published, with the same target in each month.

    Company 1,000 = region 800 + reserve 200; region = team 500 + reserve 300; team = 200 (sm_sales)
    + 150 (sm_sales2) + reserve 150.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.amounts = {
            cls.node_company: 1000.0, cls.node_region: 800.0, cls.node_team: 500.0,
            cls.node_sales: 200.0, cls.node_sales2: 150.0,
        }
        cls._assign(cls.amounts)
        cls.reserve = cls.node_team.child_ids.filtered(lambda node: node.type == 'reserve')
        cls._publish()

    @classmethod
    def _assign(cls, amounts, metric=None, plan=None):
        """Give nodes a target in each month; the reserves take what is left over."""
        plan = plan or cls.plan
        plan._change_cells([
            (node, metric or cls.invoiced, month, amount, None)
            for node, amount in amounts.items() for month in plan._get_months()
        ])

    @classmethod
    def _publish(cls, plan=None):
        plan = plan or cls.plan
        plan.sudo()._set({'state': 'published', 'valid_from': plan.date_from, 'valid_to': plan.date_to})

    @classmethod
    def _add_persons(cls, number):
        """Add people with a target to the team of the plan."""
        users = cls.env['res.users'].concat(*[
            cls._create_user(f'sm_more_{index}', 'sales_team.group_sale_salesman') for index in range(number)])
        nodes = cls.env['sales.quota.node'].concat(*[
            cls._create_node('person', cls.node_team, name=user.name, team_id=cls.team.id, user_id=user.id)
            for user in users])
        cls._assign(dict.fromkeys(nodes, 1.0))
        return nodes

    def _cell_amount(self, node, month, metric=None):
        return self.env['sales.quota.cell'].search([
            ('node_id', '=', node.id), ('metric_id', '=', (metric or self.invoiced).id),
            ('month', '=', date(YEAR, month, 1)),
        ]).amount

    def _count_queries(self, function):
        """Return how many queries a call costs once the caches of rights and settings are filled."""
        self.env.invalidate_all()
        function()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        return self.cr.sql_log_count - before
