from odoo import models


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Override of `mail`: a dunning letter that the mail server refused was not delivered."""
        letter_ids = [mail.res_id for mail in self if mail.model == 'sales.dunning.letter'] if failure_type else []
        res = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type)
        if letter_ids:
            self.env['sales.dunning.letter'].sudo().browse(letter_ids).exists()._note_undelivered(
                self.env._("The e-mail could not be delivered: %(error)s", error=failure_reason or failure_type))
        return res
