from collections import defaultdict
from datetime import date, timedelta

from odoo import Command, api, fields, models

from . import facts


class SalesDemo(models.AbstractModel):
    """The plan of last year, which is closed, the one of this year, and what people do about it."""

    _inherit = 'sales.demo'

    @api.model
    def _load_targets(self):
        """Make both plans through the steps of the people who make them, once."""
        company = self._company()
        Plan = self.env['sales.quota.plan']
        if not self._is_loaded() or Plan.search_count([('company_id', '=', company.id)], limit=1):
            return
        self = self.with_context(  # noqa: PLW0642
            lang='en_US', tz='Asia/Shanghai', allowed_company_ids=company.ids, install_mode=False, tracking_disable=True)
        today = fields.Date.context_today(self)
        self._make_market_estimates(today)
        former = self._make_plan(date(today.year - 1, 1, 1), self._wish_former(today), today)
        self._acknowledge(former, absent=())
        former.action_close()
        present = self._make_plan(date(today.year, 1, 1), self._wish_present(today), today)
        self._acknowledge(present, absent=facts.NOT_ACKNOWLEDGED)
        present.sudo()._book_deviations(present.sudo().node_ids)
        self._propose(present, today)
        self._agree_on_actions(present, today)
        self._share_an_order()

    # === WHAT SHALL BE REACHED === #

    def _wish_former(self, today):
        """Targets of last year: near what was reached then."""
        return self._wish(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31), facts.FORMER_TARGETS)

    def _wish_present(self, today):
        """Targets of this year: what the last twelve months say, times what is asked of each."""
        return self._wish(today - timedelta(365), today, facts.PRESENT_TARGETS)

    def _wish(self, first, last, factors):
        """Return the target of the year per user and metric.

        :param dict factors: what is asked of each login key, as a multiple of what was reached
        :rtype: dict[tuple, float]
        """
        groups = self.env['sales.attainment.entry'].sudo()._read_group([
            ('company_id', '=', self._company().id), ('date', '>=', first), ('date', '<=', last),
            ('metric_id', 'in', self._plan_metrics().ids), ('user_id', '!=', False),
        ], ['user_id', 'metric_id'], ['value:sum'])
        asked = {self._ref(f'user_{key}'): factor for key, factor in factors.items()}
        return {(user, metric): max(value, 0.0) * asked.get(user, 1.0) for user, metric, value in groups}

    def _plan_metrics(self):
        return self.env['sales.metric'].union(*(
            self.env.ref(f'{facts.MODULE}.sales_metric_{code}') for code in facts.PLAN_WEIGHTS))

    # === PLANS === #

    def _make_plan(self, first, wishes, today):
        """Make a plan, have it approved by the director, and publish it.

        :param date first: first day of the year
        :param dict wishes: target of the year per user and metric
        :return: the published plan, as the administrator
        """
        admin = self.env.ref('base.user_admin')
        plan = self.env['sales.quota.plan'].with_user(admin).create({
            'name': f"Sales Plan {first.year}",
            'company_id': self._company().id,
            'date_from': first,
            'change_limit': 100000,
            'metric_line_ids': [
                Command.create({'metric_id': self.env.ref(f'{facts.MODULE}.sales_metric_{code}').id, 'weight': weight})
                for code, weight in facts.PLAN_WEIGHTS.items()
            ],
        })
        plan.with_context(lang='zh_CN').name = f"{first.year} 年销售计划"
        plan.action_build_tree()
        sellers = {user for user, _metric in wishes}
        plan.node_ids.filtered(lambda node: node.type == 'person' and node.user_id not in sellers).unlink()
        seats = plan.node_ids.filtered(lambda node: node.type == 'person').mapped('parent_path')
        plan.node_ids.filtered(
            lambda node: node.type in ('region', 'team') and not any(f'/{node.id}/' in seat for seat in seats)).unlink()
        for metric in self._plan_metrics():
            self._distribute(plan, metric, wishes)
        plan.action_collect_evidence()
        self._override_odd_chances(plan)
        plan.action_submit()
        self._approve(plan, 'user_director', "Ambitious, but every region has agreed.")
        plan.action_publish()
        self._date_plan(plan, min(date(first.year - 1, 12, 12), today))
        return plan

    def _distribute(self, plan, metric, wishes):
        """Give the total to the company and divide it level by level in proportion to the wishes."""
        nodes = plan.node_ids.filtered(lambda node: node.type != 'reserve')
        weights = defaultdict(float)
        for person in nodes.filtered(lambda node: node.type == 'person'):
            for id_ in (int(label) for label in person.parent_path.split('/') if label):
                weights[id_] += wishes.get((person.user_id, metric), 0.0)
        root = nodes.filtered(lambda node: node.type == 'company')
        profile = [facts.SEASON[month] for month in range(1, 13)]
        for node in nodes.sorted('parent_path').filtered(lambda node: node.type != 'person'):
            children = node.child_ids.filtered(lambda child: child.type != 'reserve')
            is_top = node == root
            plan._distribute(
                node, metric, round(weights[root.id] / (1 + facts.RESERVE_PERCENT / 100), -4) if is_top else None, 'weights',
                profile=profile if is_top else None, weights={child.id: weights[child.id] for child in children},
                padding=facts.RESERVE_PERCENT if is_top else facts.PADDING.get(self._key_of(node.team_id), 0.0),
                recursive=False, reason="First distribution of the year")

    def _key_of(self, record):
        return record.get_external_id()[record.id].removeprefix(f'{facts.MODULE}.') if record else None

    def _override_odd_chances(self, plan):
        """Targets outside the band of attainable ones stand because somebody says why."""
        plan.sudo()._refresh_attainability()
        lines = self._as('user_director', 'sales.quota.attainability').search([
            ('plan_id', '=', plan.id), ('in_band', '=', False)])
        for line in lines:
            line.override_reason = "Discussed with the region: new product line in the second half of the year."

    def _date_plan(self, plan, day):
        """Move the making of a plan to the day before its year."""
        back = timedelta((fields.Date.context_today(self) - day).days)
        self._make_older(plan, back.days)
        self._shift(self.env['sales.quota.change'].search([('plan_id', '=', plan.id)]), back)
        self._shift(plan.sudo().node_ids, back)
        self.env.invalidate_all()

    # === PEOPLE === #

    def _acknowledge(self, plan, absent):
        absent = {self._ref(f'user_{key}') for key in absent}
        for node in plan.node_ids.filtered(lambda node: node.type == 'person' and node.user_id not in absent):
            node.with_user(node.user_id).action_acknowledge()

    def _propose(self, plan, today):
        """Somebody thinks that the rest of his year is set too high."""
        node = self._node_of(plan, facts.PROPOSING)
        metric = self.env.ref(f'{facts.MODULE}.sales_metric_invoiced')
        cells = node.sudo().cell_ids.filtered(lambda c: c.metric_id == metric and c.month >= today.replace(day=1))
        node.with_user(node.user_id).action_propose(
            [(metric.id, cell.month, round(cell.amount * 0.9, -2)) for cell in cells],
            "The new building of Linjiang Laboratory is late; their instruments move into next year.")

    def _agree_on_actions(self, plan, today):
        """Those who are behind say what they do about it: one action is agreed, one waits for the leader."""
        metric = self.env.ref(f'{facts.MODULE}.sales_metric_invoiced')
        for key, leader, name, effect in facts.ACTIONS:
            node = self._node_of(plan, key)
            action = self._as(f'user_{key}', 'sales.quota.action').create({
                'node_id': node.id,
                'metric_id': metric.id,
                'period': 'year',
                'date_from': today,
                'name': name,
                'owner_id': node.user_id.id,
                'date_due': today + timedelta(21),
                'expected_effect': effect,
            })
            action.action_sign()
            if leader:
                self._as_user(action, f'user_{leader}').action_sign()

    def _node_of(self, plan, key):
        user = self._ref(f'user_{key}')
        return plan.node_ids.filtered(lambda node: node.user_id == user)[:1]

    def _share_an_order(self):
        """Two salespeople of Shanghai won an order together, a product specialist from the South helped."""
        order = self._quote('user_xu', 'shenhai', [('probe', 6, 0), ('cal_lab', 3, 0)], 2)
        order.credit_split_ids = [
            Command.create({'user_id': self._ref(f'user_{key}').id, 'share': share, 'is_overlay': is_overlay})
            for key, share, is_overlay in (('xu', 70, False), ('he', 30, False), ('lin', 20, True))
        ]
        order.action_confirm()

    # === MARKET === #

    def _make_market_estimates(self, today):
        metric = self.env.ref(f'{facts.MODULE}.sales_metric_invoiced')
        sold = defaultdict(float)
        for path, value in self.env['sales.attainment.entry'].sudo()._read_group([
            ('company_id', '=', self._company().id), ('metric_id', '=', metric.id), ('date', '>=', today - timedelta(365)),
        ], ['region_path'], ['value:sum']):
            for label in (path or '').split('/'):
                sold[label] += value
        estimates = self.env['sales.market.estimate'].create([{
            'name': f"Laboratory and test instruments, {self._ref(key).name} {today.year}",
            'company_id': self._company().id,
            'team_id': self._ref(key).id,
            'date_from': date(today.year, 1, 1),
            'date_to': date(today.year, 12, 31),
            'currency_id': self._company().currency_id.id,
            'low': round(sold[str(self._ref(key).id)] * low, -5),
            'high': round(sold[str(self._ref(key).id)] * high, -5),
            'source': "Survey of 120 laboratories by the marketing department",
            'source_date': date(today.year - 1, 11, 20),
            'note': "Instruments and calibration; without medical devices and installed-base spare parts.",
        } for key, low, high in facts.MARKETS])
        for estimate in estimates.with_context(lang='zh_CN'):
            estimate.name = f"{today.year} 年{estimate.team_id.name}实验与测试仪器"
