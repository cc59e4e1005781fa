"""A document for the tests of approvals, so that they do not depend on what other areas ask about."""
import odoo
from odoo import fields, models

SUBJECT = 'sales.approval.test.subject'


class ApprovalTestSubject(models.Model):
    _module = None  # not part of the add-on: the tests put it into the registry and take it out again
    _name = SUBJECT
    _inherit = ['mail.thread', 'sales.approval.mixin']
    _description = "Document to Approve (Test)"

    name = fields.Char()
    company_id = fields.Many2one('res.company', default=lambda self: self.env.company)
    team_id = fields.Many2one('crm.team')
    user_id = fields.Many2one('res.users')
    partner_id = fields.Many2one('res.partner')
    amount = fields.Float()
    discount = fields.Float()
    spent = fields.Boolean()
    events = fields.Char(default='')

    def _approval_kinds(self):
        return super()._approval_kinds() + ['credit', 'discount']

    def _approval_amount(self, kind):
        return self.amount

    def _approval_threshold(self, kind):
        return self.discount if kind == 'discount' else 0.0

    def _approval_fingerprint(self, kind):
        return {'amount': self.amount, 'discount': self.discount}

    def _approval_is_worse(self, old, new, kind):
        return new['amount'] > old['amount'] or new['discount'] > old['discount']

    def _approval_is_spent(self, kind):
        return self.spent

    def _approval_summary(self, kind):
        return [("Amount", str(self.amount)), ("Name", self.name)]

    def _note(self, event, request):
        self.events = f"{self.events or ''}{event}:{request.kind} "

    def _approval_on_approved(self, request):
        super()._approval_on_approved(request)
        self._note('approved', request)

    def _approval_on_rejected(self, request):
        super()._approval_on_rejected(request)
        self._note('rejected', request)

    def _approval_on_void(self, request):
        super()._approval_on_void(request)
        self._note('void', request)

    def _approval_on_cancelled(self, request):
        super()._approval_on_cancelled(request)
        self._note('cancelled', request)


def register_subject(registry, cr):
    """Put the document's model into the registry and make its table with ``cr``."""
    odoo.orm.model_classes.add_to_registry(registry, ApprovalTestSubject)
    registry._setup_models__(cr, [SUBJECT])
    registry.init_models(cr, [SUBJECT], {})


def unregister_subject(registry):
    """Take the document's model out of the registry; the test classes set up the rest again."""
    del registry[SUBJECT]
