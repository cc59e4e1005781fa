from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .const import MODES, PRESETS, RIGHT_NAMES


class SalesModeMixin(models.AbstractModel):
    """A mode: all rights at once, by the name of a preset or one by one. Name and rights follow each other."""

    _name = 'sales.mode.mixin'
    _description = "Mode Mixin"
    _inherit = ['sales.rights.mixin']

    preset = fields.Selection(selection=MODES, string="Mode", required=True, default='resale')

    # === CONSTRAINT METHODS === #

    @api.constrains(*RIGHT_NAMES)
    def _check_rights(self):
        """Refuse rights that contradict each other in law or in the books."""
        for mode in self:
            if error := mode._get_contradiction(mode._get_rights()):
                raise ValidationError(error)

    # === ONCHANGE METHODS === #

    @api.onchange('preset')
    def _onchange_preset(self):
        if self.preset in PRESETS:
            self.update(PRESETS[self.preset])

    @api.onchange(*RIGHT_NAMES)
    def _onchange_rights(self):
        self.preset = self._get_preset(self._get_rights(), self.preset)

    # === BUSINESS METHODS === #

    def _get_rights(self):
        """Return the rights of the mode, or those of plain resale for an empty recordset.

        :rtype: dict[str, str]
        """
        if not self:
            return dict(PRESETS['resale'])
        self.ensure_one()
        return {right: self[right] for right in RIGHT_NAMES}

    @api.model
    def _prepare_rights(self, vals):
        """Return mode and rights for the values of a new version: what is not given follows the mode that is named."""
        named = vals.get('preset') or 'resale'
        base = PRESETS.get(named, PRESETS['resale'])
        rights = {right: vals.get(right) or base[right] for right in RIGHT_NAMES}
        if 'preset' not in vals and not any(vals.get(right) for right in RIGHT_NAMES):
            named = 'resale'
        return {**rights, 'preset': self._get_preset(rights, named)}

    @api.model
    def _get_preset(self, rights, named=None):
        """Return the name of the mode that has these rights.

        A seller's mode stays what it is where the law makes us the supplier for VAT.

        :param dict rights: right -> holder
        :param str named: the mode to prefer
        :rtype: str
        """
        plain = {**rights, 'tax_supplier': 'seller'} if rights['tax_supplier'] == 'deemed' else rights
        for preset in (named, *PRESETS):
            if preset in PRESETS and PRESETS[preset] in (rights, plain):
                return preset
        return 'custom'
