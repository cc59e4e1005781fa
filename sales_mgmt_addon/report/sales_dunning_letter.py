from odoo import api, models


class ReportDunningLetter(models.AbstractModel):
    """The dunning letter as PDF."""

    _name = 'report.sales_mgmt_addon.report_dunning_letter'
    _description = "Dunning Letter as PDF"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the letters, with what the reader may not read of accounting.

        :raise AccessError: if the user may not read one of the letters
        """
        letters = self.env['sales.dunning.letter'].browse(docids)
        letters.check_access('read')
        return {'doc_ids': docids, 'doc_model': letters._name, 'docs': letters.sudo()}
