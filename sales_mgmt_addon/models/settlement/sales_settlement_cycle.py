import logging
from datetime import timedelta

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError

from .const import AREA

_logger = logging.getLogger(__name__)


class SalesSettlement(models.Model):
    """The job that settles when a seller's cycle ends: seller by seller, each in a transaction of his own."""

    _inherit = 'sales.settlement'

    #=== CRON METHODS ===#

    @api.model
    def _cron_settle(self):
        """Make the statements that are due, and post them where the company wants it done without anybody.

        It may be stopped at any moment: what a seller has is done or not begun, and the next run goes on. A seller who
        cannot be settled holds up nobody else.
        """
        if not self.env['res.groups']._is_feature_enabled(AREA):
            return
        today = fields.Date.context_today(self)
        due = self._get_due(today)
        Cron = self.env['ir.cron']
        Cron._commit_progress(remaining=len(due))
        for seller_id, cutoff in due:
            try:
                self._settle_seller(seller_id, cutoff)
            except (SerializationFailure, LockNotAvailable):
                # somebody works at this seller now: the next run takes him
                self.env.cr.rollback()
                _logger.info("Settlement of seller %s was postponed", seller_id)
            if not Cron._commit_progress(1):
                break

    @api.model
    def _get_due(self, today):
        """Return (seller id, cut-off) of the sellers with something to settle, found in two statements.

        Documents that came late wait for the next cut-off: there is one statement per cycle.
        """
        groups = self.env['sales.seller.ledger'].sudo()._read_group(
            [('settlement_id', '=', False), ('available_date', '!=', False)],
            ['seller_id', 'currency_id'], ['available_date:min'])
        settled, due = {}, {}
        for seller, currency, state, last in self.sudo()._read_group(
                [('state', '!=', 'cancelled')], ['seller_id', 'currency_id', 'state'], ['date_to:max']):
            settled[seller, currency] = max(last, settled.get((seller, currency), last))
            if state == 'draft' and last < today and seller.company_id.settlement_auto_post:
                due[seller.id] = last
        for seller, currency, first in groups:
            cutoff = seller._get_last_cutoff(today - timedelta(days=1))
            last = settled.get((seller, currency))
            if first <= cutoff and (not last or last < cutoff):
                due[seller.id] = cutoff
        return sorted(due.items())

    @api.model
    def _settle_seller(self, seller_id, cutoff):
        """Settle with one seller, or leave a task to somebody who finds out why it is not possible."""
        seller = self.env['sales.seller'].sudo().browse(seller_id).try_lock_for_update()
        if not seller:
            return
        seller = seller.with_company(seller.company_id)
        try:
            with self.env.cr.savepoint():
                drafts = self.with_company(seller.company_id)._collect(seller, cutoff)
                drafts |= self.sudo().search([
                    ('seller_id', '=', seller.id), ('state', '=', 'draft'), ('date_to', '<=', cutoff)])
                drafts = drafts.filtered('entry_count')
                if seller.company_id.settlement_auto_post:
                    drafts.action_post()
                else:
                    drafts._ask_officer()
        except UserError as error:
            seller._ask_about_settlement(str(error))

    def _ask_officer(self):
        """Give the responsible person a task for each draft that waits, once."""
        for draft in self.filtered(lambda one: not one.activity_ids):
            user = draft.company_id.settlement_user_id or draft.seller_id.user_id
            if user:
                draft.activity_schedule(
                    'mail.mail_activity_data_todo', user_id=user.id, summary=self.env._("Check and post the statement"))
