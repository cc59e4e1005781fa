from datetime import timedelta
from random import Random

from odoo import api, fields, models

from . import facts

STAGES = ('crm.stage_lead1', 'crm.stage_lead2', 'crm.stage_lead3')


class SalesDemo(models.AbstractModel):
    """Opportunities: what was won and lost in the last year, and what is open."""

    _inherit = 'sales.demo'

    @api.model
    def _load_leads(self):
        """Make the opportunities of every customer, decide the older ones and date them."""
        rng, today = Random(facts.SEED + 3), fields.Date.context_today(self)  # noqa: S311
        decided, opened = {}, {}
        vals_list, fates = [], []
        for customer, (_way, _term, basket, orders) in facts.CUSTOMERS.items():
            for number in range(max(orders // 4, 1)):
                back = rng.randint(20, 350)
                fates.append((today - timedelta(back), rng.random() < facts.WON_SHARE[basket]))
                vals_list.append(self._prepare_lead(rng, customer, basket, number, today - timedelta(back), None))
            for number in range(rng.randint(1, 2)):
                fates.append((None, None))
                due = today + timedelta(rng.randint(5, 80))
                vals_list.append(self._prepare_lead(rng, customer, basket, number + 90, due, rng.choice(STAGES)))
        leads = self.env['crm.lead'].create(vals_list)
        for lead, (day, is_won) in zip(leads, fates, strict=True):
            opened[lead.id] = (day or today) - timedelta(rng.randint(12, 60))
            if day:
                decided[lead.id] = day
                lead.action_set_won() if is_won else lead.action_set_lost()
        self._backdate(leads, opened, 'create_date', 'date_open')
        self._backdate(leads.browse(decided), decided, 'date_closed')

    def _prepare_lead(self, rng, customer, basket, number, due, stage):
        partner = self._ref(f'partner_{customer}')
        product, _weight, least, most = rng.choice(facts.BASKETS[basket][0])
        product = self._ref(f'product_{product}')
        return {
            'name': f"{partner.name}: {product.name}",
            'type': 'opportunity',
            'partner_id': partner.id,
            'company_id': self._company().id,
            'user_id': partner.user_id.id,
            'team_id': partner.user_id.sale_team_id.id,
            'expected_revenue': round(product.lst_price * rng.randint(least, most) * 3, -2),
            'date_deadline': due,
            'stage_id': self.env.ref(stage or STAGES[number % len(STAGES)]).id,
        }
