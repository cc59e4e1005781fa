from odoo import api, models
from odoo.tools import SQL

from ...internal import grant
from .const import CREDIT_CLASSES, POLICIES

# From the strictest to the most generous
POLICY_ORDER = [policy for policy, _label in POLICIES]
CLASS_ORDER = [credit_class for credit_class, _label in CREDIT_CLASSES]


class SalesCreditProfile(models.Model):
    """Two customers that turn out to be one: a single profile stays, with the stricter terms of both."""

    _inherit = 'sales.credit.profile'

    @api.model
    def _merge_partners(self, sources, customer):
        """Bring the profiles of merged customers together, before the partners themselves are.

        :param sources: `res.partner` records that disappear, sudoed
        :param customer: commercial partner of the one that remains, sudoed
        """
        profiles = grant(self, 'credit.profile').search(
            [('partner_id', 'in', (sources | customer).ids)], order='id')
        for same in profiles.grouped('company_id').values():
            kept = same.filtered(lambda profile: profile.partner_id == customer)[:1] or same[0]
            if others := same - kept:
                kept._merge_terms(others)
                kept._take_over(others)
            if kept.partner_id != customer:
                kept.write({'partner_id': customer.id})
        self.env.flush_all()

    def _merge_terms(self, others):
        """Take the stricter terms of these profiles and say so in the chatter. Note: self.ensure_one()"""
        profiles = self | others
        before = [profile._describe_terms() for profile in profiles]
        self.write(profiles._prepare_merged_terms())
        self._message_log(body=self.env._(
            "Customers were merged. Of their terms the stricter ones stay: %(before)s. Now: %(after)s.",
            before=' | '.join(before), after=self._describe_terms()))

    def _prepare_merged_terms(self):
        """Return the strictest of the terms of these profiles."""
        policy = min(self.mapped('policy'), key=POLICY_ORDER.index)
        limited = self.filtered(lambda profile: profile.policy == policy == 'limited')
        # a temporary limit of one of them would lift the lower limit of the other
        temporary = limited if all(profile.temporary_until for profile in limited) else self.browse()
        held = self.filtered('hold')
        doubtful = self.filtered(lambda profile: profile.duplicate_of_id and profile.duplicate_of_id not in self)
        return {
            'policy': policy,
            'limit': min(limited.mapped('limit'), default=0.0),
            'temporary_limit': min(temporary.mapped('temporary_limit'), default=0.0),
            'temporary_until': min(temporary.mapped('temporary_until'), default=False),
            'hold': bool(held),
            'hold_reason': ', '.join(dict.fromkeys(filter(None, held.mapped('hold_reason')))) or False,
            'credit_class': max(filter(None, self.mapped('credit_class')), key=CLASS_ORDER.index, default=False),
            'review_date': min(filter(None, self.mapped('review_date')), default=False),
            'overdue_days_allowed': min(self.mapped('overdue_days_allowed')),
            'overdue_amount_allowed': min(self.mapped('overdue_amount_allowed')),
            'duplicate_of_id': doubtful[:1].duplicate_of_id.id,
            'duplicate_checked': all(doubtful.mapped('duplicate_checked')),
        }

    def _describe_terms(self):
        """Return customer, policy, limit and hold in one line. Note: self.ensure_one()"""
        policy = dict(self._fields['policy']._description_selection(self.env))[self.policy]
        parts = [self.partner_id.display_name, policy]
        if self.policy == 'limited':
            parts.append(self._format(self.effective_limit))
        if self.hold:
            parts.append(self.env._("on hold"))
        return ', '.join(parts)

    def _take_over(self, others):
        """Move requests, decisions and messages of other profiles here, and delete those. Note: self.ensure_one()

        By SQL, as the merge of the partners itself: decisions and requests are never written otherwise.
        """
        self.env.flush_all()
        for table, column in self._get_references():
            self.env.cr.execute(SQL(
                "UPDATE %(table)s SET %(column)s = %(kept)s WHERE %(column)s = ANY(%(others)s)",
                table=SQL.identifier(table), column=SQL.identifier(column), kept=self.id, others=others.ids))
        self.env.invalidate_all()
        for name, column in (('mail.message', 'model'), ('ir.attachment', 'res_model'), ('mail.activity', 'res_model')):
            self.env[name].sudo().with_context(active_test=False).search(
                [(column, '=', self._name), ('res_id', 'in', others.ids)]).write({'res_id': self.id})
        self.env.flush_all()
        others.unlink()
        if self.duplicate_of_id == self:
            self.write({'duplicate_of_id': False})

    def _get_references(self):
        """Return pairs of table and column of all fields that point to credit profiles."""
        return [
            (model._table, name)
            for model in (self.env[model_name] for model_name in self.env.registry)
            if model._auto and not model._abstract
            for name, field in model._fields.items()
            if field.type == 'many2one' and field.store and not field.inherited
            and field.comodel_name == self._name and not field.company_dependent
        ]
