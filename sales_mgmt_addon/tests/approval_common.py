from .approval_subject import SUBJECT, register_subject, unregister_subject
from .common import SalesMgmtCommon


class ApprovalCommon(SalesMgmtCommon):
    """Documents to approve and short cuts to ask and decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(unregister_subject, cls.registry)
        register_subject(cls.registry, cls.cr)

    @classmethod
    def _create_subject(cls, amount=500.0, discount=10.0, **values):
        return cls.env[SUBJECT].create({
            'name': "Document", 'amount': amount, 'discount': discount, 'team_id': cls.team.id, **values,
        })

    def _ask(self, subject, kind='discount', user=None, reason=None):
        """Return the request that ``user`` (default: the salesperson) asks for, in sudo mode."""
        return subject.with_user(user or self.user_sm_sales).sudo()._approval_ask(kind, reason).with_user(
            self.env.user)

    def _approve(self, request, user, reason=None):
        return request.with_user(user).action_approve(reason)

    def _notes(self, subject):
        """Return the chatter of ``subject`` as one text."""
        return " ".join(str(body) for body in subject.message_ids.sorted('id').mapped('body'))
