from odoo import models


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Override of `mail`: when a reminder could not be sent, its case needs a call."""
        failed = failure_type and any(mail.model == 'sales.collection.case' for mail in self)
        res = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type)
        if failed:
            self.env['sales.collection.case']._check_bounces()
        return res
