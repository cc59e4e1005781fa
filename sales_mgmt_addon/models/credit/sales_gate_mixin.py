from collections import defaultdict

from odoo import models
from odoo.tools import lazy

from .const import COVERED_UNTIL_DATE, COVERED_UP_TO_AMOUNT


class SalesGateMixin(models.AbstractModel):
    """The credit checks of every document that the gate checks."""

    _inherit = 'sales.gate.mixin'

    #=== GATE ===#

    def _gate_lock(self):
        super()._gate_lock()
        if self._credit_is_active():
            profiles = self._credit_profiles().values()
            self.env['sales.credit.profile'].sudo().union(*profiles)._bump()

    def _gate_findings(self):
        findings = super()._gate_findings()
        if self._credit_is_active():
            findings += self._credit_findings()
        return findings

    #=== CREDIT ===#

    def _credit_is_active(self):
        """Tell whether the area is switched on in this database."""
        return self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit')

    def _credit_codes(self):
        """Return the checks that documents of this model meet."""
        return ('credit_limit', 'credit_overdue', 'credit_hold', 'credit_expired', 'credit_dunning')

    def _credit_addition(self):
        """Return what the document adds to the exposure, company currency. Note: self.ensure_one()"""
        self.ensure_one()
        return 0.0

    def _credit_is_prepaid(self):
        """Tell whether the document asks for no credit. Note: self.ensure_one()"""
        self.ensure_one()
        return False

    def _credit_profiles(self, create=True):
        """Return the credit profile that each document draws on, one query per company.

        :param bool create: whether missing profiles are made
        :return: sudoed profile per document id
        :rtype: dict
        """
        debtors = {document: document.sudo()._gate_debtor() for document in self}
        profiles = {}
        for company, documents in self.sudo().grouped(lambda document: document.company_id.root_id).items():
            if not company:
                continue
            partners = self.env['res.partner'].union(*(debtors[document] for document in documents))
            by_partner = self.env['sales.credit.profile']._get_for(partners, company, create=create)
            for document in documents:
                if profile := by_partner.get(debtors[document]):
                    profiles[document.id] = profile
        return profiles

    def _credit_findings(self, create=True, cumulate=True):
        """Return what speaks against the documents for reasons of credit.

        Documents of one call are added up in the order of their ids, as if they were confirmed one
        after the other; one that is stopped adds nothing.

        :param bool create: whether missing profiles are made; else default terms are assumed
        :param bool cumulate: whether the documents of this call are added up
        :return: findings in the form of `_gate_findings`
        :rtype: list[dict]
        """
        profiles = self._credit_profiles(create=create)
        all_profiles = self.env['sales.credit.profile'].sudo().union(*profiles.values())
        exposure = all_profiles._get_exposure()
        # Only asked for once something is stopped
        decisions = lazy(lambda: self.env['sales.credit.decision'].sudo()._get_valid(all_profiles))
        passed = defaultdict(float)
        findings = []
        for document in self.sorted('id') if cumulate else self:
            if not (profile := profiles.get(document.id)):
                continue
            facts = exposure[profile.id]
            own = document._credit_addition()
            addition = own + passed[profile.id]
            reasons = profile._get_reasons(facts, addition, codes=document._credit_codes())
            if reasons:
                after = facts['total'] + addition
                reasons = document._credit_uncovered(reasons, facts, after, decisions.get(profile.id, ()))
            if not reasons and cumulate:
                passed[profile.id] += own
            findings += [document._credit_prepare_finding(profile, reason, facts, addition) for reason in reasons]
        return findings

    def _credit_uncovered(self, reasons, facts, after, decisions):
        """Leave out the reasons that an earlier decision settles. Note: self.ensure_one()

        :param list reasons: as of `sales.credit.profile._get_reasons`
        :param dict facts: exposure of the profile
        :param float after: exposure with this document
        :param decisions: valid approving `sales.credit.decision` records of the profile
        """
        if self._credit_is_prepaid():
            return [reason for reason in reasons if reason['code'] == 'credit_hold']
        return [
            reason for reason in reasons
            if not any(self._credit_covers(decision, reason['code'], facts, after) for decision in decisions)
        ]

    def _credit_covers(self, decision, code, facts, after):
        """Tell whether a decision on the customer settles a check for this document."""
        if decision.scope == 'until_date':
            return code in COVERED_UNTIL_DATE
        if decision.scope == 'up_to_amount':
            return code in COVERED_UP_TO_AMOUNT and not decision.currency_id.compare_amounts(
                after, decision.scope_amount) > 0
        return False

    def _credit_prepare_finding(self, profile, reason, facts, addition):
        return {
            'res_id': self.id,
            'code': reason['code'],
            'severity': 'block',
            'message': reason['message'],
            'amount': reason['amount'],
            'approval_kind': 'credit',
            'payload': {
                'profile_id': profile.id if profile.ids else False,
                'policy': profile.policy,
                'exposure': facts,
                'addition': addition,
                'after': profile.currency_id.round(facts['total'] + addition),
            },
        }

    def _approval_summary(self, kind):
        lines = super()._approval_summary(kind)
        if kind != 'credit' or not self._credit_is_active():
            return lines
        profile = self._credit_profiles(create=False).get(self.id)
        return lines + (profile._get_summary(self._credit_addition()) if profile else [])

    def _credit_warnings(self):
        """Return per document id the text that Odoo shows as credit warning, without changing anything."""
        lines = defaultdict(list)
        for finding in self._credit_findings(create=False, cumulate=False):
            lines[finding['res_id']].append(finding['message'])
        return {document_id: '\n'.join(messages) for document_id, messages in lines.items()}

    def action_open_credit_profile(self):
        """Open the credit profile of the customer who will owe the money.

        :raise AccessError: if the user may not read the document or the profile
        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        return self.sudo()._gate_debtor().sudo(False)._action_open_credit_profile(self.sudo().company_id)

    #=== APPROVAL HOOKS ===#

    def _approval_on_approved(self, request):
        # First, because the next override confirms the document and so changes the exposure.
        if request.kind == 'credit':
            self._credit_record_decision(request, 'approve')
        super()._approval_on_approved(request)

    def _approval_on_rejected(self, request):
        if request.kind == 'credit':
            self._credit_record_decision(request, 'reject')
        super()._approval_on_rejected(request)

    def _credit_record_decision(self, request, verdict):
        """Freeze what was known when credit was given or refused. Note: self.ensure_one()"""
        self.ensure_one()
        profile = self._credit_profiles().get(self.id)
        if not profile:
            return
        facts = profile._get_exposure()[profile.id]
        addition = self._credit_addition()
        codes = (request.fingerprint or {}).get('codes', [])
        last = request.decision_ids.sorted('id')[-1:]
        self.env['sales.credit.decision']._record({
            **self.env['sales.credit.decision']._prepare_conditions(last.payload or {}, profile),
            'profile_id': profile.id,
            'request_id': request.id,
            'res_model': self._name,
            'res_id': self.id,
            'document_name': self.display_name,
            'verdict': verdict,
            'codes': ', '.join(codes),
            'amount': request.amount,
            'exposure_before': facts['total'],
            'exposure_after': profile.currency_id.round(facts['total'] + addition),
            'limit_amount': facts['effective_limit'],
            'policy': profile.policy,
            'facts': {
                'codes': codes,
                'exposure': facts,
                'addition': addition,
                'messages': [reason['message'] for reason in profile._get_reasons(facts, addition)],
                'hold': profile.hold,
                'credit_class': profile.credit_class,
            },
            'reason': last.reason or request.reason,
            'user_id': last.user_id.id or self.env.uid,
        })
        if verdict == 'approve' and 'credit_duplicate' in codes:
            profile._change_terms({'duplicate_checked': True})
