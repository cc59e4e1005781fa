from odoo import api, fields, models

from .sales_receivable_pack_person import COMMENT_TYPE

SIGNAL = 'receivable_pack_late'


class SalesReceivablePack(models.Model):
    _inherit = 'sales.receivable.pack'

    def _start_follow_up(self):
        """Ask the salespeople for their comments."""
        for pack in self.sudo():
            pack.person_ids._ask_for_comments(pack.comment_deadline)

    def _end_follow_up(self):
        """Take back what is left of the to-dos and the signal of closed packs."""
        packs = self.sudo()
        packs.person_ids.activity_unlink([COMMENT_TYPE])
        packs._get_late_signals()._expire()

    def _get_late_signals(self, state='open'):
        return self.env['sales.signal'].sudo().search([
            ('state', '=', state), ('code', '=', SIGNAL), ('res_model', '=', self._name), ('res_id', 'in', self.ids)])

    # === CRON METHODS === #

    @api.model
    def _cron_chase(self):
        """Remind salespeople of missing comments, and tell the leader once the deadline has passed."""
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit'):
            return
        packs = self.search([('state', '=', 'open')], order='date, id')
        self.env['ir.cron']._commit_progress(remaining=len(packs))
        for pack in packs:
            pack = pack[0].try_lock_for_update().filtered(lambda p: p.state == 'open')
            pack._chase(fields.Date.context_today(self))
            if not self.env['ir.cron']._commit_progress(1):
                return

    def _chase(self, today):
        """Remind those whose comments are missing; after the deadline, report it to the leader.

        Nobody gets a second to-do while the first one is open, and the leader one note per pack.

        :param date today: the day
        """
        for pack in self.sudo():
            pack.person_ids._ask_for_comments(max(pack.comment_deadline or today, today))
            if not pack.missing_count:
                pack._get_late_signals()._expire()
            elif pack.comment_deadline and pack.comment_deadline < today and not pack._get_late_signals('handled'):
                new, _known = self.env['sales.signal']._report(pack._prepare_late_signal(today))
                if new:
                    pack._tell_leader()

    def _prepare_late_signal(self, today):
        self.ensure_one()
        return {
            'code': SIGNAL,
            'name': self.env._("%(pack)s: %(count)s comments are late", pack=self.name, count=self.missing_count),
            'res_model': self._name,
            'res_id': self.id,
            'severity': 'warning',
            'user_id': self.user_id.id,
            'team_id': self.team_id.id,
            'company_id': self.company_id.id,
            'value': self.missing_count,
            'threshold': 0,
            'date': today,
        }

    def _tell_leader(self):
        """Write the leader whose comments are late."""
        self.ensure_one()
        late = self.person_ids.filtered('missing_count')
        names = ", ".join(
            f"{person.user_id.name or self.env._('without salesperson')} ({person.missing_count})" for person in late)
        self.message_post(
            body=self.env._("The deadline has passed. Comments are missing of %(names)s.", names=names),
            partner_ids=self.user_id.partner_id.ids)
