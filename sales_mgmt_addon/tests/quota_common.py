from datetime import date

from odoo.fields import Command

from .common import SalesMgmtCommon

YEAR = 2031


class QuotaCommon(SalesMgmtCommon):
    """A plan for 2031 in draft: the company, Region South, Team Shenzhen, two salespeople; Ordered and New Customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # only the teams of the tests: what a database brings along would change the sums
        cls.env['crm.team'].search([('id', 'not in', (cls.team | cls.team_region).ids)]).action_archive()
        cls.metric = cls.env.ref('sales_mgmt_addon.sales_metric_ordered')
        cls.metric_count = cls.env.ref('sales_mgmt_addon.sales_metric_new_customers')
        cls.metric_ratio = cls.env.ref('sales_mgmt_addon.sales_metric_win_rate')
        cls.plan = cls._create_plan()
        cls.plan.action_build_tree()
        cls._name_nodes(cls.plan)

    @classmethod
    def _create_plan(cls, name="Plan 2031", year=YEAR, **values):
        return cls.env['sales.quota.plan'].create({
            'name': name,
            'date_from': date(year, 1, 1),
            'publish_reason': "A year without a past",
            'metric_line_ids': [
                Command.create({'metric_id': cls.metric.id, 'weight': 60}),
                Command.create({'metric_id': cls.metric_count.id, 'weight': 20}),
                Command.create({'metric_id': cls.metric_ratio.id, 'weight': 20}),
            ],
            **values,
        })

    @classmethod
    def _name_nodes(cls, plan):
        nodes = plan.node_ids
        cls.root = nodes.filtered(lambda node: node.type == 'company')
        cls.node_region = nodes.filtered(lambda node: node.type == 'region')
        cls.node_team = nodes.filtered(lambda node: node.type == 'team')
        cls.node_sales = nodes.filtered(lambda node: node.user_id == cls.user_sm_sales)
        cls.node_sales2 = nodes.filtered(lambda node: node.user_id == cls.user_sm_sales2)

    @classmethod
    def _month(cls, number, year=YEAR):
        return date(year, number, 1)

    @classmethod
    def _book(cls, metric, day, value, user=None, team=None, quantity=0.0, is_overlay=False, company=None):
        """Write an entry of the attainment book past its private door."""
        team = team if team is not None else cls.team
        cls.env['sales.attainment.entry'].flush_model()
        cls.env.cr.execute(
            """
            INSERT INTO sales_attainment_entry (
                metric_id, date, company_id, user_id, team_id, region_path, value, quantity, amount, share, is_overlay,
                res_model, res_id, res_line_id, run)
            SELECT %s, %s, %s, %s, t.id, t.parent_path, %s, %s, %s, 100, %s, 'res.partner',
                   (SELECT COALESCE(MAX(id), 0) + 1 FROM sales_attainment_entry), 0, 1
              FROM (SELECT %s::int AS id) x LEFT JOIN crm_team t ON t.id = x.id
            """,
            [metric.id, day, (company or cls.company).id, user.id if user else None, value, quantity, value, is_overlay,
             team.id or None])

    def _set(self, node, month, amount, metric=None, user=None, **options):
        """Change one target as ``user`` and return the changed cells."""
        plan = node.plan_id.with_user(user) if user else node.plan_id
        return plan._change_cells(
            [(node, metric or self.metric, self._month(month), amount, options.pop('expected', None))], **options)[0]

    def _amount(self, node, month=1, metric=None):
        self.env.invalidate_all()
        return node._get_cells(metric or self.metric).get((node.id, (metric or self.metric).id, self._month(month)), 0.0)

    def _amounts(self, *nodes, month=1, metric=None):
        return [self._amount(node, month, metric) for node in nodes]

    def _reserve(self, node):
        return node.child_ids.filtered(lambda child: child.type == 'reserve')

    def assertExact(self, plan):
        """Each parent is the sum of its children and reserve, by a statement of its own."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT p.id, k.metric_id, k.month,
                   (SELECT COALESCE(SUM(c.amount), 0) FROM sales_quota_cell c
                     WHERE c.node_id = p.id AND c.metric_id = k.metric_id AND c.month = k.month) AS parent,
                   (SELECT COALESCE(SUM(c.amount), 0) FROM sales_quota_cell c JOIN sales_quota_node n ON n.id = c.node_id
                     WHERE n.parent_id = p.id AND c.metric_id = k.metric_id AND c.month = k.month) AS children
              FROM sales_quota_node p
             CROSS JOIN (SELECT DISTINCT c.metric_id, c.month FROM sales_quota_cell c
                           JOIN sales_metric m ON m.id = c.metric_id AND m.kind IN ('money', 'quantity', 'count')
                          WHERE c.plan_id = %(plan)s) k
             WHERE p.plan_id = %(plan)s AND p.type IN ('company', 'region', 'team')
            """, {'plan': plan.id})
        self.assertFalse([row for row in self.env.cr.fetchall() if row[3] != row[4]])
        self.env.cr.execute(
            "SELECT id FROM sales_quota_cell WHERE plan_id = %s AND amount < 0 AND node_type <> 'reserve'", [plan.id])
        self.assertFalse(self.env.cr.fetchall())
        self.env.cr.execute(
            """
            SELECT c.id FROM sales_quota_cell c LEFT JOIN sales_quota_change h ON h.cell_id = c.id
             WHERE c.plan_id = %s GROUP BY c.id, c.amount HAVING c.amount <> COALESCE(SUM(h.delta), 0)
            """, [plan.id])
        self.assertFalse(self.env.cr.fetchall() if not plan.previous_id and not plan.node_ids.origin_id else [])
