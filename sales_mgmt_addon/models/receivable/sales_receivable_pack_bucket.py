from odoo import api, fields, models


class SalesReceivablePackBucket(models.Model):
    """What a pack holds in one ageing bucket, frozen with the bounds that the bucket had."""

    _name = 'sales.receivable.pack.bucket'
    _description = "Receivables Pack Ageing"
    _order = 'pack_id, days_from'
    _rec_name = 'days_from'

    pack_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Pack", required=True, readonly=True, index=True,
        ondelete='cascade')
    company_id = fields.Many2one(related='pack_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    bucket_id = fields.Many2one(
        comodel_name='sales.receivable.bucket', string="Ageing Bucket", readonly=True, ondelete='set null')
    days_from = fields.Integer(string="Days From", readonly=True, aggregator=None)
    days_to = fields.Integer(string="Days Until", readonly=True, aggregator=None)
    residual = fields.Monetary(string="Open Amount", readonly=True)
    item_count = fields.Integer(string="Items", readonly=True)
    share = fields.Float(string="Share", compute='_compute_share', aggregator=None)

    @api.depends('residual', 'pack_id.receivable_total')
    def _compute_share(self):
        for bucket in self:
            total = bucket.pack_id.receivable_total
            bucket.share = bucket.residual / total if total else 0.0

    @api.depends('days_from', 'days_to')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for bucket in self:
            bucket.display_name = self.env['sales.receivable.bucket']._get_label(bucket.days_from, bucket.days_to)
