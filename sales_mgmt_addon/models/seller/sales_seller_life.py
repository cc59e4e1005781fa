from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from ..channel.sales_channel_mode import ModeQuestion
from .const import MANAGER_GROUP, TODO_ACTIVITY
from .reason import ask_reason, clean_reason


class SalesSeller(models.Model):
    """The life of a seller: application, approved, active, suspended, closed. Channel managers decide on it."""

    _inherit = 'sales.seller'

    # === ACTION METHODS === #

    def action_approve(self):
        """Approve applications whose required checks all hold.

        Four eyes: who settled the last required check does not approve as well.

        :return: True
        :raise AccessError: if the user is no channel manager, or settled the last check himself
        :raise UserError: if an application is decided, or a required check is missing
        """
        self._check_transition('application')
        for seller in self:
            seller._check_may_approve()
        self._as_server().write({
            'state': 'approved', 'approved_by_id': self.env.uid, 'approved_on': fields.Datetime.now()})
        self.sudo().activity_feedback([TODO_ACTIVITY])
        return True

    def action_activate(self):
        """Let approved sellers sell.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if something is missing: a mode in force, the accounts of the marketplace, a commission rule
        """
        self._check_transition('approved')
        self._check_ready()
        self._as_server().state = 'active'
        return True

    def action_suspend(self, reason=None):
        """Take the offers of active sellers off sale; their open orders go on.

        :param str reason: why; a dialog asks for it when empty
        :return: True, or the window action of the dialog
        :raise AccessError: if the user is no channel manager
        :raise UserError: if a seller is not active, or the reason is blank
        """
        self._check_transition('active')
        if reason is None:
            return ask_reason(self, 'action_suspend', self.env._("Suspend the Seller"))
        reason = clean_reason(self, reason)
        self._as_server().write({'state': 'suspended', 'suspend_reason': reason})
        for seller in self.sudo():
            seller.message_post(body=self.env._("Suspended: %s", reason))
        return True

    def action_resume(self):
        """Let suspended sellers sell again. Raises as :meth:`action_activate`."""
        self._check_transition('suspended')
        self._check_ready()
        self._as_server().write({'state': 'active', 'suspend_reason': False})
        return True

    def action_close(self):
        """End the business with sellers: offers are closed, the seller is archived.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if orders, ledger entries, statements or balances are open
        """
        self._check_transition('application', 'approved', 'active', 'suspended')
        for seller in self:
            if obstacles := seller._get_close_obstacles():
                raise UserError(self.env._(
                    "%(seller)s cannot be closed yet:\n%(obstacles)s", seller=seller.name, obstacles="\n".join(obstacles)))
        self.sudo().offer_ids._close()
        self._as_server().write({'state': 'closed', 'active': False})
        return True

    def action_reapply(self):
        """Make closed sellers applicants again, with all checks open.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if a seller is not closed
        """
        self._check_transition('closed')
        self._as_server().write({
            'state': 'application', 'active': True, 'approved_by_id': False, 'approved_on': False, 'suspend_reason': False})
        self._create_checks()
        self.sudo().check_ids._reopen()
        return True

    # === BUSINESS METHODS === #

    def _is_selling(self):
        """Tell whether the seller may sell today. Note: self.ensure_one()"""
        self.ensure_one()
        return self.sudo().state == 'active'

    def _check_manager(self):
        """Raise unless the user decides on sellers."""
        if not (self.env.su or self.env.user.has_group(MANAGER_GROUP)):
            raise AccessError(self.env._("Only channel managers decide on sellers and their offers."))
        self.check_access('write')

    def _check_transition(self, *states):
        """Raise unless the user is a channel manager and the sellers are in one of these states."""
        self._check_manager()
        for seller in self:
            if seller.state not in states:
                raise UserError(self.env._(
                    "%(seller)s is in status %(state)s: this step is not possible from there.", seller=seller.name,
                    state=dict(self._fields['state']._description_selection(self.env))[seller.state]))

    def _check_may_approve(self):
        self.ensure_one()
        required = self.sudo().check_ids.filtered('required')
        if missing := required.filtered(lambda check: not check._is_valid()):
            raise UserError(self.env._(
                "%(seller)s cannot be approved before these checks are passed or waived: %(checks)s",
                seller=self.name, checks=", ".join(missing.type_id.mapped('name'))))
        last = required.filtered('checked_on').sorted('checked_on')[-1:]
        if last.checked_by_id == self.env.user and not self.env.su:
            raise AccessError(self.env._(
                "You settled the last check of %(seller)s: somebody else approves the application.", seller=self.name))

    def _check_ready(self):
        for seller in self:
            if obstacles := seller._get_activation_obstacles():
                raise UserError(self.env._(
                    "%(seller)s cannot sell yet:\n%(obstacles)s", seller=seller.name, obstacles="\n".join(obstacles)))

    def _get_activation_obstacles(self):
        """Return what is missing before the seller can sell: readable texts, empty if nothing is.

        :rtype: list[str]
        """
        self.ensure_one()
        seller = self.sudo()
        obstacles = []
        if not seller._has_mode():
            obstacles.append(self.env._("- No approved mode gives him a right in his sales. Approve a mode of the seller first."))
        company = seller.company_id
        obstacles += [f"- {problem}" for problem in company._get_marketplace_problems()]
        if not seller._has_commission_rule():
            obstacles.append(self.env._("- No commission rule holds for him today."))
        return obstacles

    def _has_mode(self):
        """Tell whether a mode in force gives the seller, or one of his offers, a right in what is sold."""
        today = fields.Date.context_today(self)
        none = self.env['sales.channel.mode']
        questions = [ModeQuestion(self.company_id, none.offer_id, self, none.category_id, none.channel_id, today)] + [
            ModeQuestion(self.company_id, offer, self, offer.product_id.categ_id, none.channel_id, today)
            for offer in self.offer_ids]
        return any(
            'seller' in mode._get_rights().values() or mode._get_rights()['revenue_presentation'] == 'agent'
            for mode in none._resolve(questions))

    def _has_commission_rule(self):
        today = fields.Date.context_today(self)
        return bool(self.env['sales.commission.rule'].sudo().search_count([
            ('company_id', '=', self.company_id.id), ('kind', '=', 'commission'), ('seller_id', 'in', (False, self.id)),
            '|', ('date_from', '=', False), ('date_from', '<=', today),
            '|', ('date_to', '=', False), ('date_to', '>=', today)], limit=1))

    def _get_close_obstacles(self):
        """Return what is still open with the seller: readable texts, empty if nothing is.

        :rtype: list[str]
        """
        self.ensure_one()
        seller = self.sudo()
        obstacles = []
        if orders := self.env['sales.seller.order'].sudo().search(
                [('seller_id', '=', seller.id), ('state', 'not in', ('done', 'cancelled'))], limit=5):
            obstacles.append(self.env._("- open orders: %s", ", ".join(orders.mapped('display_name'))))
        if self.env['sales.seller.ledger'].sudo().search_count(
                [('seller_id', '=', seller.id), ('settlement_id', '=', False)], limit=1):
            obstacles.append(self.env._("- his ledger has entries that no statement has taken"))
        if self.env['sales.settlement'].sudo().search_count(
                [('seller_id', '=', seller.id), ('state', '=', 'draft')], limit=1):
            obstacles.append(self.env._("- a statement is in draft"))
        obstacles += [
            self.env._("- balance of %(account)s: %(amount)s", account=account.display_name,
                       amount=format_amount(self.env, amount, currency))
            for account, currency, amount in seller._get_balances()]
        return obstacles

    def _get_balances(self):
        """Return what the books owe the seller (+) or he owes (-), other than 0.

        :return: (account, currency, amount in this currency)
        :rtype: list[tuple]
        """
        self.ensure_one()
        company = self.company_id.sudo()
        accounts = company.marketplace_payable_account_id + company.marketplace_reserve_account_id
        groups = self.env['account.move.line'].sudo()._read_group(
            [('account_id', 'in', accounts.ids), ('partner_id', '=', self.partner_id.id), ('parent_state', '=', 'posted'),
             ('company_id', '=', company.id)],
            ['account_id', 'currency_id'], ['amount_currency:sum'])
        return [(account, currency, -amount) for account, currency, amount in groups if not currency.is_zero(amount)]
