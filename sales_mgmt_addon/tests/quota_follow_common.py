from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from .common import SalesMgmtCommon

# A year of which nothing else in a database tells
YEAR = 2031


class QuotaFollowCommon(SalesMgmtCommon):
    """A plan for 2031 with the tree company → Region South → Team Shenzhen → two salespeople.

    Cells and entries are put into the database as their own code leaves them there, so that the
    arithmetic under test is the only thing that happens.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metrics = {metric.code: metric for metric in cls.env['sales.metric'].search([])}
        cls.invoiced, cls.ordered, cls.orders = (cls.metrics[code] for code in ('invoiced', 'ordered', 'orders'))
        cls.win_rate = cls.metrics['win_rate']
        cls.plan = cls._create_plan()
        cls.node_company = cls._create_node('company')
        cls.node_region = cls._create_node('region', cls.node_company, team_id=cls.team_region.id)
        cls.node_team = cls._create_node('team', cls.node_region, team_id=cls.team.id)
        cls.node_sales = cls._create_node('person', cls.node_team, team_id=cls.team.id, user_id=cls.user_sm_sales.id)
        cls.node_sales2 = cls._create_node('person', cls.node_team, team_id=cls.team.id, user_id=cls.user_sm_sales2.id)
        cls.nodes = cls.node_company | cls.node_region | cls.node_team | cls.node_sales | cls.node_sales2

    @classmethod
    def _create_plan(cls, year=YEAR, metrics=('invoiced',), **values):
        return cls.env['sales.quota.plan'].create({
            'name': f"Plan {year}",
            'date_from': date(year, 1, 1),
            'company_id': cls.company.id,
            'metric_line_ids': [
                (0, 0, {'metric_id': cls.metrics[code].id, 'weight': 100.0 / len(metrics)}) for code in metrics],
            **values,
        })

    @classmethod
    def _create_node(cls, node_type, parent=None, plan=None, **values):
        return cls.env['sales.quota.node'].create({
            'plan_id': (plan or cls.plan).id,
            'name': f"Node {node_type}",
            'type': node_type,
            'parent_id': parent.id if parent else False,
            **values,
        })

    @classmethod
    def _set_targets(cls, node, metric, amounts):
        """Put targets into the cells of a node.

        :param amounts: ``{month number: amount}``, or one amount for each month of the year of the plan
        :return: the cells
        """
        cls.env.flush_all()
        if not isinstance(amounts, dict):
            amounts = dict.fromkeys(range(1, 13), amounts)
        for number, amount in amounts.items():
            cls.env.cr.execute(SQL(
                """
                INSERT INTO sales_quota_cell (
                    node_id, metric_id, month, amount, plan_id, company_id, user_id, team_id, node_type)
                VALUES %s
                ON CONFLICT (node_id, metric_id, month) DO UPDATE SET amount = EXCLUDED.amount
                """,
                (node.id, metric.id, node.plan_id.date_from + relativedelta(month=number), amount, node.plan_id.id,
                 node.company_id.id, node.user_id.id or None, node.team_id.id or None, node.type)))
        cls.env.invalidate_all()
        return cls.env['sales.quota.cell'].search([('node_id', '=', node.id), ('metric_id', '=', metric.id)])

    @classmethod
    def _book(cls, metric, day, value, user=None, team=None, quantity=0.0, **values):
        """Put an entry into the book.

        :param day: a date, or ``(month, day)`` of the year of the plan
        """
        cls.env.flush_all()
        team = cls.team if team is None else team
        day = date(YEAR, *day) if isinstance(day, tuple) else day
        row = {
            'metric_id': metric.id, 'date': day, 'company_id': cls.company.id,
            'user_id': (cls.user_sm_sales if user is None else user).id or None,
            'team_id': team.id or None, 'region_path': team.parent_path or None,
            'value': value, 'quantity': quantity, 'amount': value, 'share': 100.0, 'is_overlay': False,
            'res_model': 'res.partner', 'res_id': 1, 'res_line_id': 0, 'run': 1,
            **values,
        }
        # a part of a document is booked once: give each entry its own
        cls.env.cr.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM sales_attainment_entry")
        row['res_line_id'] = cls.env.cr.fetchone()[0]
        cls.env.cr.execute(SQL(
            "INSERT INTO sales_attainment_entry (%s) VALUES %s",
            SQL(", ").join(SQL.identifier(name) for name in row), tuple(row.values())))
        cls.env.invalidate_all()

    @classmethod
    def _create_lead(cls, revenue=0.0, status='pending', stage=None, user=None, deadline=None, decided=None, **values):
        """Return an opportunity of the team; ``status`` is pending, won or lost, ``decided`` the day of that."""
        lead = cls.env['crm.lead'].create({
            'name': f"Lead {status}", 'type': 'opportunity', 'expected_revenue': revenue,
            'user_id': (user or cls.user_sm_sales).id, 'team_id': cls.team.id, 'date_deadline': deadline,
            **({'stage_id': stage.id} if stage else {}), **values,
        })
        if status == 'won':
            lead.action_set_won()
        elif status == 'lost':
            lead.action_set_lost()
        if decided:
            lead.flush_recordset()
            cls.env.cr.execute(SQL("UPDATE crm_lead SET date_closed = %s WHERE id = %s", decided, lead.id))
            lead.invalidate_recordset(['date_closed'])
        return lead

    def _progress(self, node, metric=None, period='month', on_date=None):
        """Return the figures of one node and metric on a day, ``(month, day)`` of the year of the plan."""
        rows = node.plan_id._get_progress(node, period, date(YEAR, *on_date))
        return rows[node.id, (metric or self.invoiced).id]
