import io
from collections import defaultdict

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .sales_receivable_bucket import LAST_DAY

GROUPINGS = ('partner_id', 'user_id', 'team_id', 'region_id')
SCOPES = ('all', 'mine', 'team')
FLAGS = ('overdue_only', 'hide_disputed')
# What the statement gives for each row, before the amount of each bucket
SUMS = ('items', 'total', 'credits', 'disputed', 'overdue', 'oldest')
ROWS_SHOWN = 80
ROWS_MAX = 100_000
SEARCH_MAX = 100


class SalesReceivableAgeing(models.AbstractModel):
    """What the ageing page shows: open amounts by customer and age, on any day, as far as the user may see them."""

    _name = 'sales.receivable.ageing'
    _description = "Receivables Ageing"

    @api.model
    @api.readonly
    def get_ageing(self, options=None):
        """Return open amounts by customer (or salesperson, team, region) and ageing bucket.

        Everything is aggregated from the analysis as the user, in one statement.

        :param dict options: any of ``as_of`` (ISO date; now when empty), ``group_by`` (one of ``GROUPINGS``),
            ``within`` (dict of ``field`` and ``id``: customers of one salesperson, team or region),
            ``scope`` (``'all'``, ``'mine'``, ``'team'``), ``overdue_only``, ``hide_disputed``, ``search`` (part of the
            customer's name), ``sort`` (``'name'``, one of ``SUMS`` or ``'bucket:<number>'``), ``desc``, ``limit`` (rows of each
            section)
        :return: ``as_of``, ``today``, ``group_by``, ``leads`` (whether the user leads a team), ``domain`` of the analysis,
            ``context`` to open it with, and ``sections``, one per company currency and set of buckets, with
            ``currency_id``, ``company_ids``, ``companies`` (names), ``columns`` (``label``, ``is_overdue``, ``domain``),
            ``rows`` (``id``, ``name``, ``credits``, ``buckets``, ``disputed``, ``overdue``, ``total``, ``oldest`` days,
            ``items``), ``totals`` of all rows, ``count`` of them and ``largest`` debt
        :rtype: dict
        :raise AccessError: if the user may not read receivables
        :raise UserError: if an option does not make sense
        """
        options = self._parse_options(options)
        Report = self._get_report(options)
        domain = self._get_domain(options)
        sections = self._prepare_sections()
        rows, totals = self._read_rows(Report, domain, options['group_by'], sections)
        result = [
            self._prepare_section(section, rows[number], totals.get(number), options)
            for number, section in enumerate(sections) if rows[number] or len(sections) == 1
        ]
        return {
            'as_of': options['as_of'] or False,
            'today': fields.Date.to_string(fields.Date.context_today(self)),
            'group_by': options['group_by'],
            'leads': self.env.user.has_group('sales_mgmt_addon.group_team_leader'),
            'domain': list(domain),
            'context': {'receivable_as_of': options['as_of']} if options['as_of'] else {},
            'sections': result,
        }

    # === BUSINESS METHODS - FILES === #

    @api.model
    def _get_everything(self, options=None):
        """Return the page with all rows, whatever the client shows of them, and its day as text."""
        if options is not None and not isinstance(options, dict):
            raise UserError(self.env._("The options of the ageing make no sense."))
        page = self.get_ageing({**(options or {}), 'limit': ROWS_MAX})
        return {
            **page,
            'day': fields.Date.to_date(page['as_of'] or page['today']),
            'label': self.env['sales.receivable.report']._fields[page['group_by']]._description_string(self.env),
        }

    @api.model
    def _prepare_workbook(self, options=None):
        """Return the page as a spreadsheet, a sheet per section.

        :param dict options: see :meth:`get_ageing`
        :return: the file
        :rtype: io.BytesIO
        """
        page = self._get_everything(options)
        stream = io.BytesIO()
        workbook = xlsxwriter.Workbook(stream, {'in_memory': True, 'strings_to_formulas': False, 'strings_to_urls': False})
        styles = {
            'title': workbook.add_format({'bold': True, 'font_size': 14}),
            'head': workbook.add_format({'bold': True, 'bottom': 1, 'text_wrap': True}),
            'date': workbook.add_format({'num_format': 'yyyy-mm-dd', 'align': 'left'}),
            'text': workbook.add_format(),
            'total': workbook.add_format({'bold': True, 'top': 1}),
        }
        for number, section in enumerate(page['sections'], start=1):
            sheet = workbook.add_worksheet(f"{number} {section['currency']}")
            decimals = section['decimals']
            number_format = '#,##0' + ('.' + '0' * decimals if decimals else '')
            styles['money'] = workbook.add_format({'num_format': number_format})
            styles['total_money'] = workbook.add_format({'num_format': number_format, 'bold': True, 'top': 1})
            self._write_sheet(sheet, page, section, styles)
        workbook.close()
        stream.seek(0)
        return stream

    def _write_sheet(self, sheet, page, section, styles):
        """Write a section: title, day, header, rows, totals."""
        heads = [
            page['label'], self.env._("Unapplied"), *(column['label'] for column in section['columns']),
            self.env._("Overdue"), self.env._("Disputed"), self.env._("Total"), self.env._("Oldest (Days)"),
        ]
        sheet.write_string(0, 0, self.env._("Ageing in %(currency)s, %(companies)s",
            currency=section['currency'], companies=section['companies']), styles['title'])
        sheet.write_string(1, 0, self.env._("As of"))
        sheet.write_datetime(1, 1, fields.Datetime.to_datetime(page['day']), styles['date'])
        for column, head in enumerate(heads):
            sheet.write_string(3, column, head, styles['head'])
        lines = [*section['rows'], {**section['totals'], 'name': self.env._("Total")}]
        for line, row in enumerate(lines, start=4):
            total = line == 4 + len(section['rows'])
            sheet.write_string(line, 0, row['name'], styles['total' if total else 'text'])
            amounts = [row['credits'], *row['buckets'], row['overdue'], row['disputed'], row['total']]
            for column, amount in enumerate(amounts, start=1):
                sheet.write_number(line, column, amount, styles['total_money' if total else 'money'])
            sheet.write_number(line, len(amounts) + 1, row['oldest'], styles['total' if total else 'text'])
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(heads) - 1, 15)
        sheet.freeze_panes(4, 1)

    # === HOOKS - WHAT IS ASKED FOR === #

    def _parse_options(self, options):
        """Return checked options of a client.

        :raise UserError: if one of them does not make sense
        """
        if not isinstance(options or {}, dict):
            raise UserError(self.env._("The options of the ageing make no sense."))
        options = dict(options or {})
        parsed = {
            'as_of': options.get('as_of') or False,
            'group_by': options.get('group_by') or 'partner_id',
            'scope': options.get('scope') or 'all',
            'search': options.get('search') or '',
            'sort': options.get('sort') or 'total',
            'desc': bool(options.get('desc', True)),
            'limit': options.get('limit') or ROWS_SHOWN,
            'within': options.get('within') or None,
            **{name: bool(options.get(name)) for name in FLAGS},
        }
        within, limit, search = parsed['within'], parsed['limit'], parsed['search']
        if (
            parsed['group_by'] not in GROUPINGS
            or parsed['scope'] not in SCOPES
            or not isinstance(parsed['sort'], str)
            or not isinstance(limit, int) or not 0 < limit <= ROWS_MAX
            or not isinstance(search, str) or len(search) > SEARCH_MAX
        ):
            raise UserError(self.env._("The options of the ageing make no sense."))
        if within is not None and (
            not isinstance(within, dict) or within.get('field') not in GROUPINGS
            or not isinstance(within.get('id') or 0, int) or within.get('id') is True
        ):
            raise UserError(self.env._("The options of the ageing make no sense."))
        return parsed

    def _get_report(self, options):
        Report = self.env['sales.receivable.report'].with_context(receivable_as_of=options['as_of'])
        Report.check_access('read')
        as_of = Report._get_as_of()
        options['as_of'] = fields.Date.to_string(as_of) if as_of else False
        return Report

    def _get_domain(self, options):
        """Return which open items are meant."""
        domain = Domain('company_id', 'in', self.env.companies.ids)
        if options['scope'] == 'mine':
            domain &= Domain('user_id', '=', self.env.uid) | Domain('partner_user_id', '=', self.env.uid)
        elif options['scope'] == 'team':
            domain &= Domain('team_id.approval_leader_ids', 'in', [self.env.uid])
        if options['overdue_only']:
            domain &= Domain('is_overdue', '=', True)
        if options['hide_disputed']:
            domain &= Domain('dispute_id', '=', False)
        if text := options['search'].strip():
            domain &= Domain('partner_id', 'ilike', text)
        if within := options['within']:
            domain &= Domain(within['field'], '=', within.get('id') or False)
        return domain

    def _prepare_sections(self):
        """Return the tables of the page: companies with the same currency and the same buckets share one."""
        by_key = defaultdict(lambda: self.env['res.company'])
        Bucket = self.env['sales.receivable.bucket']
        for company in self.env.companies:
            ranges = tuple((bucket.days_from, bucket.days_to) for bucket in Bucket._get_for(company))
            by_key[company.currency_id, ranges] |= company
        return [
            {
                'currency': currency,
                'companies': companies,
                'columns': [
                    {
                        'label': Bucket._get_label(days_from, days_to),
                        'is_overdue': days_from > 0,
                        'days': (days_from, days_to),
                        'domain': [
                            ('is_receipt', '=', False), ('days_overdue', '>=', days_from),
                            *([('days_overdue', '<=', days_to)] if days_to != LAST_DAY else []),
                        ],
                    }
                    for days_from, days_to in ranges
                ],
            }
            for (currency, ranges), companies in by_key.items()
        ]

    # === HOOKS - FIGURES === #

    def _read_rows(self, Report, domain, group_by, sections):
        """Return the sums of the items as the database gives them, per section number.

        :return: lists of ``(id of the group, sums)`` and the sums of the whole section, see ``SUMS``
        :rtype: tuple
        """
        longest = max(len(section['columns']) for section in sections)
        rows, totals = defaultdict(list), {}
        for number, is_total, group_id, *sums in self.env.execute_query(
            self._sums_sql(Report, domain, group_by, sections, longest)
        ):
            if is_total:
                totals[number] = sums
            else:
                rows[number].append((group_id, sums))
        return rows, totals

    def _sums_sql(self, Report, domain, group_by, sections, longest):
        """Return the statement of the sums: a row per section and group and one per section, with ``SUMS``.

        The inner query puts every item into its slot once (0: a receipt, 1: the first bucket, …), so that the sums
        have to compare small numbers only.
        """
        query = Report._search(domain)
        query.order = None
        sql = {
            name: Report._field_to_sql(query.table, name, query)
            for name in ('id', group_by, 'company_id', 'residual', 'disputed', 'is_receipt', 'days_overdue')
        }

        def slots(section):
            later = [column['days'][0] for column in section['columns'][1:]]
            return SQL("width_bucket(%s, %s) + 1", sql['days_overdue'], later) if later else SQL("1")

        items = query.select(
            self._section_case(sections, sql['company_id'], lambda number, _section: SQL("%s::int", number)),
            sql[group_by],
            sql['residual'],
            sql['days_overdue'],
            SQL("CASE WHEN %s THEN 0 ELSE %s END", sql['is_receipt'], self._section_case(
                sections, sql['company_id'], lambda _number, section: slots(section))),
            # few items are disputed, so that only those are looked at
            SQL("CASE WHEN %s = ANY(%s) THEN %s END", sql['id'], Report._get_disputed_ids(), sql['disputed']),
        )
        return SQL(
            """
            SELECT i.section, GROUPING(i.group_id), i.group_id,
                   COUNT(*), SUM(i.residual), SUM(i.residual) FILTER (WHERE i.slot = 0), SUM(i.disputed),
                   SUM(i.residual) FILTER (WHERE i.slot > 1), MAX(i.days) FILTER (WHERE i.slot > 1), %(buckets)s
              FROM (%(items)s OFFSET 0) i (section, group_id, residual, days, slot, disputed)
             GROUP BY GROUPING SETS ((i.section, i.group_id), (i.section))
            """,
            items=items,
            buckets=SQL(", ").join(
                SQL("SUM(i.residual) FILTER (WHERE i.slot = %s)", number) for number in range(1, longest + 1)))

    def _section_case(self, sections, company, of_section):
        """Return an expression that has another value in each section.

        :param SQL company: id of the company
        :param of_section: function of the number of a section and the section, which returns its expression
        """
        if len(sections) == 1:
            return of_section(0, sections[0])
        return SQL("CASE %s END", SQL(" ").join(
            SQL("WHEN %s = ANY(%s) THEN %s", company, section['companies'].ids, of_section(number, section))
            for number, section in enumerate(sections)))

    def _prepare_section(self, section, rows, totals, options):
        """Return a section for the client: sorted rows up to the limit, and totals of all."""
        currency, columns = section['currency'], section['columns']
        self._sort_rows(rows, options, len(columns))
        shown = rows[:options['limit']]
        names = self._get_names(options['group_by'], [group_id for group_id, _sums in shown])
        total, credits = SUMS.index('total'), SUMS.index('credits')
        return {
            'currency_id': currency.id,
            'currency': currency.name,
            'decimals': currency.decimal_places,
            'company_ids': section['companies'].ids,
            'companies': ', '.join(section['companies'].mapped('name')),
            'columns': [{name: column[name] for name in ('label', 'is_overdue', 'domain')} for column in columns],
            'rows': [
                {'id': group_id or False, 'name': names[group_id], **self._prepare_figures(sums, columns, currency)}
                for group_id, sums in shown
            ],
            'count': len(rows),
            'largest': float(max((sums[total] - (sums[credits] or 0) for _group_id, sums in rows), default=0)),
            'totals': self._prepare_figures(totals or [0] * (len(SUMS) + len(columns)), columns, currency),
        }

    def _prepare_figures(self, sums, columns, currency):
        """Return sums of the database as rounded figures by name."""
        figures = {name: value or 0 for name, value in zip(SUMS, sums, strict=False)}
        amounts = sums[len(SUMS):len(SUMS) + len(columns)]
        return {
            **{name: currency.round(float(figures[name])) for name in ('total', 'credits', 'disputed', 'overdue')},
            'buckets': [currency.round(float(amount or 0)) for amount in amounts],
            'items': figures['items'],
            'oldest': max(figures['oldest'], 0),
        }

    def _sort_rows(self, rows, options, columns):
        """Sort rows in place by a column; rows with the same figure by their ids."""
        sort, descending = options['sort'], options['desc']
        if sort == 'name':
            ranks = self._get_ranks(options['group_by'], [group_id for group_id, _sums in rows])
            rows.sort(key=lambda row: ranks[row[0]], reverse=descending)
            return
        kind, _separator, index = sort.partition(':')
        if kind == 'bucket' and index.isdecimal() and int(index) < columns:
            place = len(SUMS) + int(index)
        elif sort in SUMS:
            place = SUMS.index(sort)
        else:
            raise UserError(self.env._("The ageing cannot be sorted by this column."))
        sign = -1 if descending else 1
        rows.sort(key=lambda row: (sign * (row[1][place] or 0), row[0] or 0))

    def _get_comodel(self, group_by):
        """Return the sudoed model whose names are shown: the user sees the rows, so he may see their names."""
        field = self.env['sales.receivable.report']._fields[group_by]
        return self.env[field.comodel_name].sudo().with_context(active_test=False)

    def _get_ranks(self, group_by, ids):
        """Return the place of each record in the order of names, nobody at the end."""
        records = self._get_comodel(group_by).browse(group_id for group_id in ids if group_id)
        if group_by == 'partner_id':
            # stored, so that thousands of customers are put in order by the database
            ordered = records.search([('id', 'in', records.ids)], order='complete_name, id')
        else:
            ordered = records.sorted(lambda record: (record.display_name or '').lower())
        ranks = {record_id: place for place, record_id in enumerate(ordered.ids)}
        return {group_id: ranks.get(group_id, len(ranks)) for group_id in ids}

    def _get_names(self, group_by, ids):
        records = self._get_comodel(group_by).browse(group_id for group_id in ids if group_id)
        if group_by == 'partner_id':
            records.fetch(['complete_name'])
            names = {record.id: record.complete_name for record in records}
        else:
            names = {record.id: record.display_name for record in records}
        nobody = {
            'partner_id': self.env._("No customer"),
            'user_id': self.env._("No salesperson"),
            'team_id': self.env._("No sales team"),
            'region_id': self.env._("No region"),
        }[group_by]
        return {group_id: names.get(group_id) or nobody for group_id in ids}
