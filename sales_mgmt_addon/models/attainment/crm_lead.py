from odoo import api, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    #=== CONSTRAINT METHODS ===#

    @api.constrains('won_status', 'type', 'date_closed')
    def _check_attainment(self):
        """Decided opportunities are in the attainment book, reopened ones are not.

        The flush may bring this up again for the same leads, which are booked afterwards anyway.
        """
        Entry = self.env['sales.attainment.entry']
        if not Entry._is_booking():
            return
        busy = self.env.cr.cache.setdefault('attainment_busy_leads', set())
        ids = set(self.ids) - busy
        if not ids:
            return
        busy |= ids
        try:
            Entry._book_leads(sorted(ids))
        finally:
            busy -= ids

    #=== CRUD METHODS ===#

    @api.ondelete(at_uninstall=False)
    def _unlink_attainment(self):
        self.env['sales.attainment.entry']._reverse('crm.lead', self.ids)
