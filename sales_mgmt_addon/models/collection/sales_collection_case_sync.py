import logging

from odoo import api, fields, models
from odoo.tools import SQL, split_every
from odoo.tools.misc import clean_context

from ...internal import grant
from . import score as scoring
from .const import CASE_GUARD, MIRROR_LATER
from .figures import experience_sql, figures_sql

_logger = logging.getLogger(__name__)

BATCH = 500


class SalesCollectionCase(models.Model):
    """Opening, refreshing and closing cases: a pure function of what is open, so it may run at any time again."""

    _inherit = 'sales.collection.case'

    # === BUSINESS METHODS - SYNC === #

    @api.model
    def _sync(self, partners=None, company=None, opening=True):
        """Open the cases that the policy asks for, refresh the open ones and close those with nothing overdue.

        All customers in a constant number of statements. A snoozed case comes back on its day, or earlier when an
        item that was not due for a case when it was snoozed has become so.

        :param partners: `res.partner` records to look at; all customers if ``None``
        :param company: `res.company`, its root company counts; all companies if ``None``
        :param bool opening: whether to open new cases; what users do only refreshes, so that they never collide with
            the daily job that opens the same case
        :return: the cases that are open now, sudoed
        """
        cases = self._for_sync()
        if not self._collection_is_active():
            return cases
        rows = cases._get_sync_rows(partners, company)
        domain = [('state', '!=', 'closed')]
        if partners is not None:
            domain.append(('partner_id', 'in', partners.sudo().commercial_partner_id.ids))
        if company is not None:
            domain.append(('company_id', '=', company.sudo().root_id.id))
        known = {(case.partner_id.id, case.company_id.id): case for case in cases.search(domain)}
        done = cases.browse(
            case.id for key, case in known.items() if not rows.get(key, {}).get('item_count'))
        done._close()
        staying = {case: rows[key] for key, case in known.items() if case not in done}
        due = {key: row for key, row in rows.items() if key not in known and cases._is_due(row)} if opening else {}
        new = cases._open(due)
        cases._refresh({**staying, **new})
        return cases.concat(*staying, *new)

    def _for_sync(self):
        context = {**clean_context(self.env.context), 'tracking_disable': True, 'mail_activity_quick_update': True}
        return grant(grant(self.sudo().browse().with_context(context), CASE_GUARD), MIRROR_LATER)

    def _get_sync_rows(self, partners, company):
        """Return what is open, by (customer id, root company id)."""
        where = [SQL("TRUE")]
        if partners is not None:
            where.append(SQL("p.commercial_partner_id = ANY(%s)", partners.sudo().commercial_partner_id.ids))
        if company is not None:
            where.append(SQL("c.parent_path LIKE %s", f'{company.sudo().root_id.id}/%'))
        self._flush_figures()
        rows = self.env.execute_query_dict(
            figures_sql(fields.Date.context_today(self), SQL(" AND ").join(where)))
        return {(row['partner_id'], row['root_id']): row for row in rows}

    def _is_due(self, row):
        """Tell whether the policy asks for a case."""
        return row['due_amount'] > 0 and row['due_amount'] >= row['min_amount']

    def _open(self, rows):
        """Open cases.

        :param dict rows: of :meth:`_get_sync_rows`
        :return: row per new case
        :rtype: dict
        """
        if not rows:
            return {}
        owners = self._get_owners(rows)
        previous = dict(self._get_previous(rows))
        cases = self.create([
            {
                'name': name,
                'partner_id': partner_id,
                'company_id': company_id,
                'salesperson_id': row['user_id'],
                'team_id': row['team_id'],
                'user_id': owners[partner_id, company_id].id,
                'previous_id': previous.get((partner_id, company_id)),
            }
            for name, ((partner_id, company_id), row) in zip(self._next_names(len(rows)), rows.items(), strict=True)
        ])
        return dict(zip(cases, rows.values(), strict=True))

    def _get_previous(self, rows):
        groups = self._read_group(
            [('state', '=', 'closed'), ('partner_id', 'in', [partner_id for partner_id, _company_id in rows])],
            ['partner_id', 'company_id'], ['id:max'])
        return [((partner.id, company.id), case_id) for partner, company, case_id in groups]

    def _next_names(self, count):
        """Return so many references; a plain sequence gives them all in one statement."""
        sequence = self.env.ref('sales_mgmt_addon.sequence_sales_collection_case')
        if sequence.implementation != 'standard' or sequence.use_date_range:
            return [sequence.next_by_id() for _number in range(count)]
        numbers = self.env.execute_query(SQL(
            "SELECT nextval(%s) FROM generate_series(1, %s)", f'ir_sequence_{sequence.id:03d}', count))
        return [sequence.get_next_char(number) for number, in numbers]

    def _get_owners(self, rows):
        """Return who works the cases by the policy of each company.

        The salesperson or the collector, by choice of the company; in his absence the other one, then the leader of
        the team. Somebody who is archived or may not work cases is passed over.

        :return: `res.users` record, possibly empty, per key of ``rows``
        """
        User = self.env['res.users']
        companies = self.env['res.company'].browse({company_id for _partner_id, company_id in rows})
        teams = self.env['crm.team'].browse({row['team_id'] for row in rows.values() if row['team_id']})
        people = User.browse({row['user_id'] for row in rows.values() if row['user_id']})
        able = self._filter_able(people | companies.collection_collector_id | teams.user_id)
        owners = {}
        for key, row in rows.items():
            company = companies.browse(key[1])
            candidates = [User.browse(row['user_id'] or ()), company.collection_collector_id]
            if company.collection_owner == 'collector':
                candidates.reverse()
            candidates.append(teams.browse(row['team_id'] or ()).user_id)
            owners[key] = next((user for user in candidates if user & able), User)
        return owners

    def _filter_able(self, users):
        """Return those of the users who can work cases: active, with one of the roles."""
        groups = self.env['res.groups'].browse(
            self.env.ref(xmlid).id for xmlid in (
                'sales_mgmt_addon.group_credit_controller', 'sales_team.group_sale_salesman'))
        return users.search([('id', 'in', users.ids), ('all_group_ids', 'in', groups.ids), ('share', '=', False)])

    def _close(self, body=None):
        """Close cases and take their activities away.

        :param str body: why, for the chatter; that nothing is overdue if ``None``
        """
        if not self:
            return
        self.write({
            'state': 'closed', 'closed_on': fields.Date.context_today(self), 'sequence': 0, 'score': 0.0,
            'score_facts': False, 'snooze_until': False, 'snooze_reason': False, 'snoozed_on': False,
        })
        self.activity_ids.unlink()
        body = body or self.env._("Closed: nothing is overdue any more.")
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _refresh(self, rows):
        """Bring open cases up to date: people, score, snoozed or not, next action.

        :param dict rows: row of the figures per case
        """
        today = fields.Date.context_today(self)
        owners = self._get_owners({(case.partner_id.id, case.company_id.id): row for case, row in rows.items()})
        experience = self._get_experience(rows)
        woken = self.browse()
        for case, row in rows.items():
            key = (case.partner_id.id, case.company_id.id)
            facts = scoring.score(**case._prepare_score(row, experience, today))
            vals = {
                'salesperson_id': row['user_id'] or False,
                'team_id': row['team_id'] or False,
                'score': facts['score'],
                'score_facts': facts,
            }
            if not case.owner_is_manual and owners[key]:
                vals['user_id'] = owners[key].id
            if case._is_awake(row, today):
                woken |= case
                vals.update(self._prepare_wake(today))
            case._write_changes(vals)
        if woken:
            body = self.env._("Back on the worklist.")
            woken._message_log_batch(bodies=dict.fromkeys(woken.ids, body))
        self.concat(*rows)._mirror_next_action()

    def _write_changes(self, vals):
        """Write what differs only; most refreshes change little. Note: self.ensure_one()"""
        stored = {name: self._fields[name].convert_to_write(self[name], self) for name in vals}
        if changed := {name: value for name, value in vals.items() if stored[name] != value}:
            self.write(changed)

    def _is_awake(self, row, today):
        if self.state != 'snoozed':
            return False
        if not self.snooze_until or self.snooze_until <= today:
            return True
        newest = row['newest_days']
        # how long ago the newest item became a matter for a case
        days = newest - self.company_id.collection_open_days - 1 if newest is not None else None
        return days is not None and fields.Date.subtract(today, days=days) > self.snoozed_on

    def _prepare_wake(self, today):
        return {
            'state': 'open', 'next_date': today, 'snooze_until': False, 'snooze_reason': False, 'snoozed_on': False,
        }

    # === BUSINESS METHODS - SCORE === #

    def _get_experience(self, rows):
        """Return how many contacts there were and how many brought money.

        :return: ``{(company id, customer id or None, kind): (paid, contacts)}``
        :rtype: dict
        """
        if not rows:
            return {}
        self.env['sales.collection.action'].flush_model()
        found = self.env.execute_query_dict(experience_sql(
            [case.partner_id.id for case in rows], {case.company_id.id for case in rows}))
        return {
            (row['company_id'], row['partner_id'], row['kind']): (row['paid'], row['contacts']) for row in found}

    def _prepare_score(self, row, experience, today):
        """Return the arguments of :func:`scoring.score`. Note: self.ensure_one()"""
        company_id, kind = self.company_id.id, self.next_action
        due = float(row['collectable'])
        return {
            'due': due,
            'unapplied': float(row['unapplied']),
            'days': float(row['weighted_days']) / due if due > 0 else 0.0,
            'broken': row['broken'],
            'credit_class': row['credit_class'],
            'idle': (today - row['last_contact']).days if row['last_contact'] else None,
            'rate': scoring.success_rate(
                *experience.get((company_id, self.partner_id.id, kind), (0, 0)),
                *experience.get((company_id, None, kind), (0, 0))),
        }

    # === BUSINESS METHODS - NEXT ACTION === #

    def _mirror_next_action(self):
        """Let the one activity of each open case say what comes next, when, and to whom."""
        activity_type = self.env.ref('sales_mgmt_addon.mail_activity_type_collection')
        cases = self.sudo().with_context(mail_activity_quick_update=True)
        open_cases = cases.filtered(lambda case: case.state != 'closed' and case.user_id)
        found = self.env['mail.activity'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('activity_type_id', '=', activity_type.id)])
        by_case = found.grouped('res_id')
        missing, changes, obsolete = [], {}, found.browse()
        for case in cases:
            activities = by_case.get(case.id, found.browse())
            if case not in open_cases:
                obsolete |= activities
                continue
            vals = case._prepare_activity()
            obsolete |= activities[1:]
            if not activities:
                missing.append({**vals, 'activity_type_id': activity_type.id, 'res_id': case.id})
            elif any(activities[0]._fields[name].convert_to_write(activities[0][name], activities[0]) != value
                     for name, value in vals.items()):
                changes.setdefault(tuple(vals.items()), []).append(activities[0].id)
        obsolete.unlink()
        for vals, ids in changes.items():
            found.browse(ids).with_context(mail_activity_quick_update=True).write(dict(vals))
        model_id = self.env['ir.model']._get_id(self._name)
        # each activity keeps the name of its case: read them all at once
        open_cases.partner_id.mapped('display_name')
        open_cases.mapped('display_name')
        found.with_context(mail_activity_quick_update=True).create(
            [{**vals, 'res_model_id': model_id, 'automated': True} for vals in missing])

    def _prepare_activity(self):
        # in the owner's language, whoever or whatever refreshes the case
        env = self.with_context(lang=self.user_id.lang).env
        return {
            'user_id': self.user_id.id,
            'date_deadline': self.next_date,
            'summary': dict(self._fields['next_action']._description_selection(env))[self.next_action],
        }

    # === CRON METHODS === #

    @api.model
    def _cron_sync(self):
        """Look at all customers once a day, batch by batch; killed, it simply starts again."""
        if not self._collection_is_active():
            return
        self.env['sales.collection.action']._judge_payments()
        self._check_bounces()
        cases = self._for_sync()
        partner_ids = sorted(
            {partner_id for partner_id, _root_id in cases._get_sync_rows(None, None)}
            | set(cases.search([('state', '!=', 'closed')]).partner_id.ids))
        Cron = self.env['ir.cron']
        Cron._commit_progress(remaining=len(partner_ids))
        for ids in split_every(BATCH, partner_ids):
            self._sync_safely(self.env['res.partner'].browse(ids))
            if not Cron._commit_progress(len(ids)):
                return

    @api.model
    def _sync_safely(self, partners):
        """Look at some customers; one that cannot be handled does not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._sync(partners)
        except Exception:
            self.env.invalidate_all()
            if len(partners) == 1:
                _logger.exception("Collection case of customer %s could not be brought up to date", partners.id)
                return
            for partner in partners:
                self._sync_safely(partner)

    @api.model
    def _cron_settle(self):
        """Right after a payment: judge promises that are fulfilled and close cases with nothing overdue."""
        if not self._collection_is_active():
            return
        self.env['sales.collection.promise'].search([('state', '=', 'open')])._judge_safely()
        cases = self._for_sync().search([('state', '!=', 'closed')])
        figures = cases._get_figures()
        paid = cases.filtered(lambda case: not figures.get(case.id, {}).get('item_count'))
        for ids in split_every(BATCH, paid.partner_id.ids):
            self._sync_safely(self.env['res.partner'].browse(ids))
