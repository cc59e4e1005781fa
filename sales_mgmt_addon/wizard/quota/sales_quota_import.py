import base64
import io

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools.misc import get_lang

from .quota_file import FileError, FormulaError, parse_month, parse_number, read_rows

LINES_MAX = 200


class SalesQuotaImport(models.TransientModel):
    """Change targets from a spreadsheet, with a clear report of the rows that cannot be used.

    One row per node with a column per month, or one row per node and month. A column for the metric is
    needed only where rows of several metrics are mixed. Empty cells leave the target as it is.
    """

    _name = 'sales.quota.import'
    _description = "Import Targets"

    plan_id = fields.Many2one(comodel_name='sales.quota.plan', string="Plan", required=True, ondelete='cascade')
    metric_ids = fields.Many2many(related='plan_id.metric_ids')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", ondelete='cascade', compute='_compute_metric_id', store=True,
        readonly=False, precompute=True, help="Of rows that do not name one.")
    file = fields.Binary(string="File", help="CSV or XLSX, at most 5 MB.")
    filename = fields.Char(string="File Name")
    absorb = fields.Selection(
        selection=[
            ('reserve', "The reserves of the parents"),
            ('parent', "The parents (needs approval above a limit)"),
        ],
        string="Difference Goes To", required=True, default='reserve')
    bad_rows = fields.Selection(
        selection=[('stop', "Import nothing"), ('skip', "Import the good rows")],
        string="If Rows Are Bad", required=True, default='stop')
    reason = fields.Char(string="Reason", help="Kept with the changes.")
    state = fields.Selection(selection=[('upload', "File"), ('result', "Result")], default='upload', readonly=True)
    changed_count = fields.Integer(string="Targets Changed", readonly=True)
    good_count = fields.Integer(string="Targets Read", readonly=True)
    bad_count = fields.Integer(string="Bad Rows", readonly=True)
    request_id = fields.Many2one(comodel_name='sales.quota.request', string="Request", readonly=True, ondelete='set null')
    line_ids = fields.One2many('sales.quota.import.line', 'wizard_id', string="Problems", readonly=True)
    template_file = fields.Binary(string="Template", readonly=True, attachment=False)

    @api.depends('plan_id')
    def _compute_metric_id(self):
        for wizard in self:
            metrics = wizard.plan_id.metric_line_ids.metric_id
            if wizard.metric_id not in metrics:
                wizard.metric_id = metrics[:1]

    # === ACTION METHODS === #

    def action_import(self):
        """Read the file and change the targets.

        :return: action that shows the result
        :raise UserError: if the file cannot be read, or the plan is not open
        """
        self.ensure_one()
        self.plan_id.check_access('read')
        self.plan_id._check_open()
        edits, problems = self._parse(self._read_file())
        vals = {'state': 'result', 'bad_count': len({number for number, _text, _why in problems}), 'good_count': len(edits)}
        if edits and not (problems and self.bad_rows == 'stop'):
            cells, request = self.plan_id._change_cells(
                [(node, metric, month, amount, None) for (node, metric, month), amount in edits.items()],
                self.absorb, self.reason or self.filename, cause='import')
            vals.update({'changed_count': len(cells.filtered(
                lambda cell: (cell.node_id.id, cell.metric_id.id, cell.month) in edits)), 'request_id': request.id})
        vals['line_ids'] = [Command.clear(), *(
            Command.create({'number': number, 'content': content, 'message': message})
            for number, content, message in problems[:LINES_MAX])]
        self.write(vals)
        return self._show()

    def action_back(self):
        """Choose another file."""
        self.ensure_one()
        self.write({'state': 'upload', 'file': False, 'line_ids': [Command.clear()]})
        return self._show()

    def action_download_template(self):
        """Download the plan as it is now, to be filled in and imported.

        :return: action that downloads an XLSX file
        """
        self.ensure_one()
        self.plan_id.check_access('read')
        self.template_file = base64.b64encode(self._make_template())
        return {
            'type': 'ir.actions.act_url',
            'url': f'/web/content/{self._name}/{self.id}/template_file/{self._get_template_name()}?download=true',
            'target': 'download',
        }

    def _show(self):
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Import Targets"),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(False, 'form')],
            'target': 'new',
        }

    # === BUSINESS METHODS - READING === #

    def _read_file(self):
        """Return the rows of the file.

        :raise UserError: with what is wrong with it
        """
        try:
            return read_rows(base64.b64decode(self.file or b''), self.filename)
        except FileError as error:
            raise UserError({
                'size': self.env._("The file is too large. Import at most 5 MB at a time."),
                'rows': self.env._("The file has too many rows. Import it in parts."),
                'format': self.env._("The file cannot be read. Save it as XLSX or CSV."),
                'empty': self.env._("The file is empty."),
            }[error.code]) from None

    def _parse(self, rows):
        """Return what shall change, and what cannot be used.

        :param rows: from :func:`read_rows`
        :return: amount per (node id, metric id, month), and tuples (line number, content, reason)
        :rtype: tuple(dict, list)
        """
        (_number, header), *body = rows
        columns = self._parse_header(header)
        lookup, metrics = self._get_lookup()
        editable = set(self.plan_id._get_editable_nodes(
            self.env['sales.quota.node'].search([('plan_id', '=', self.plan_id.id)])).ids)
        edits, problems = {}, []
        for number, values in body:
            content = ' | '.join(str(value) for value in values if value not in (None, ''))[:100]
            try:
                found = self._parse_row(values, columns, lookup, metrics, editable)
                repeated = found.keys() & edits.keys()
                if repeated:
                    raise ValidationError(self.env._("The target of %(month)s is in the file twice.", month=min(
                        month for _node, _metric, month in repeated)))
                edits.update(found)
            except ValidationError as error:
                problems.append((number, content, str(error)))
        return edits, problems

    def _parse_header(self, header):
        """Return what the columns mean.

        :return: index of ``node`` and, if there, ``metric``, ``month`` and ``amount``; dates per index of ``months``
        :raise UserError: if the header does not say enough
        """
        names = {
            'node': {'node', self.env._("Node").lower()},
            'metric': {'metric', self.env._("Metric").lower()},
            'month': {'month', self.env._("Month").lower()},
            'amount': {'amount', 'target', self.env._("Target").lower()},
        }
        columns = {'node': 0, 'months': {}}
        for index, title in enumerate(header):
            month = parse_month(title)
            if month:
                columns['months'][index] = month
                continue
            for name, titles in names.items():
                if str(title or '').strip().lower() in titles:
                    columns[name] = index
        if not columns['months'] and not ('month' in columns and 'amount' in columns):
            raise UserError(self.env._(
                "The first row must name the months, such as 2026-01, or the columns Month and Target. Download the"
                " template to see an example."))
        return columns

    def _parse_row(self, values, columns, lookup, metrics, editable):
        """Return the amounts of one row.

        :rtype: dict
        :raise ValidationError: with what is wrong
        """
        def value_of(name):
            index = columns.get(name)
            return values[index] if index is not None and index < len(values) else None

        node = self._find_node(value_of('node'), lookup, editable)
        metric = self._find_metric(value_of('metric'), metrics)
        if columns['months']:
            pairs = [(month, values[index]) for index, month in columns['months'].items() if index < len(values)]
        else:
            pairs = [(parse_month(value_of('month')) or value_of('month'), value_of('amount'))]
        point = get_lang(self.env).decimal_point
        found = {}
        for month, value in pairs:
            try:
                amount = parse_number(value, point)
            except FormulaError:
                raise ValidationError(self.env._(
                    "%(value)s is a formula. Replace formulas by their values.", value=value)) from None
            except ValueError:
                raise ValidationError(self.env._("%(value)s is not a number.", value=value)) from None
            if amount is not None:
                place = (node, metric.id, self.plan_id._check_month(month))
                self._check_row_amount(amount)
                found[place] = amount
        return found

    def _check_row_amount(self, amount):
        if self.plan_id._check_amount(amount) < 0:
            raise ValidationError(self.env._("%(amount)s is negative. A target cannot be negative.", amount=amount))

    def _find_node(self, name, lookup, editable):
        """Return the id of the node that a row names by name, path, login or team.

        :raise ValidationError: if there is none, or several, or the user may not change it
        """
        found = lookup.get(str(name or '').strip().lstrip("'").lower(), [])
        if not found:
            raise ValidationError(self.env._("There is no node %(name)s in the plan.", name=name or self.env._("without a name")))
        if len(found) > 1:
            raise ValidationError(self.env._(
                "There are several nodes %(name)s. Write the path as in the template.", name=name))
        if found[0] not in editable:
            raise ValidationError(self.env._("You cannot change the target of %(name)s.", name=name))
        return found[0]

    def _find_metric(self, name, metrics):
        """Return the metric that a row names, or the one of the wizard."""
        if not str(name or '').strip():
            if not self.metric_id:
                raise ValidationError(self.env._("The row names no metric."))
            return self.metric_id
        metric = metrics.get(str(name).strip().lower())
        if not metric:
            raise ValidationError(self.env._("The plan has no metric %(name)s.", name=name))
        return metric

    def _get_lookup(self):
        """Return how rows may name nodes and metrics.

        Only nodes that the user may read are found; reserves are what is left over and never imported.

        :return: node ids per lower-case name, and metrics per lower-case name or code
        :rtype: tuple(dict, dict)
        """
        lookup = {}
        nodes = self._get_nodes()
        for node, path in nodes.items():
            for name in {node.name, path, node.user_id.sudo().login} - {False, None}:
                lookup.setdefault(name.strip().lower(), []).append(node.id)
        metrics = {}
        for metric in self.plan_id.metric_line_ids.metric_id:
            metrics.update({metric.name.strip().lower(): metric, metric.code.lower(): metric})
        return lookup, metrics

    def _get_nodes(self):
        """Return the path of each node the user may read, in the order of the tree.

        :rtype: dict
        """
        nodes = self.env['sales.quota.node'].search([('plan_id', '=', self.plan_id.id), ('type', '!=', 'reserve')])
        paths = {}
        for node in nodes:
            parent = node.sudo().parent_id.with_env(nodes.env)
            paths[node] = f"{paths[parent]} / {node.name}" if parent in paths else node.name
        return paths

    # === BUSINESS METHODS - TEMPLATE === #

    def _make_template(self):
        """Return an XLSX file with the targets as they are now.

        :rtype: bytes
        """
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        sheet.title = 'Targets'
        months = self.plan_id._get_months()
        sheet.append([self.env._("Node"), self.env._("Metric"), *(month.strftime('%Y-%m') for month in months)])
        nodes = self._get_nodes()
        cells = self.env['sales.quota.node'].union(*nodes)._get_cells()
        names = [node.name for node in nodes]
        for metric in self.metric_ids:
            for node, path in nodes.items():
                sheet.append([
                    self._as_text(path if names.count(node.name) > 1 else node.name), self._as_text(metric.name),
                    *(cells.get((node.id, metric.id, month), 0.0) for month in months)])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for index, width in enumerate([36, 18] + [12] * len(months), 1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.freeze_panes = 'C2'
        stream = io.BytesIO()
        workbook.save(stream)
        return stream.getvalue()

    def _as_text(self, text):
        """Return a name so that a spreadsheet does not take it for a formula."""
        return text if not text.startswith(('=', '+', '-', '@')) else f"'{text}"

    def _get_template_name(self):
        name = ''.join(sign if sign.isalnum() or sign in '-_ ' else '_' for sign in self.plan_id.name)
        return f'{name}.xlsx'
