"""Reading targets from a spreadsheet that people made: rows, months and numbers as they write them."""

import csv
import io
import re
import zipfile
from datetime import date, datetime

import openpyxl

SIZE_MAX = 5 * 1024 * 1024
UNPACKED_MAX = 60 * 1024 * 1024
ROWS_MAX = 20000
COLUMNS_MAX = 40

_SPACES = re.compile(r'[\s\u00a0\u202f\u2009\']')
_MONTH_FORMS = (
    '%Y-%m-%d', '%Y-%m', '%Y/%m', '%Y/%m/%d', '%Y.%m', '%m/%Y', '%m.%Y', '%b %Y', '%B %Y', '%Y年%m月', '%d.%m.%Y',
)


class FileError(Exception):
    """The file cannot be read at all.

    :ivar str code: ``size``, ``rows``, ``format`` or ``empty``
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class FormulaError(ValueError):
    """A cell holds a formula, whose result the file does not tell for sure."""


def read_rows(content, filename):
    """Return the rows of a CSV or XLSX file.

    :param bytes content: the file
    :param str filename: name of the file
    :return: pairs (line number, values); empty rows are left out
    :rtype: list
    :raise FileError: if it is too large or no such file
    """
    if not content:
        raise FileError('empty')
    if len(content) > SIZE_MAX:
        raise FileError('size')
    # the content tells more than the name
    is_workbook = content[:4] == b'PK\x03\x04'
    if not is_workbook and (filename or '').lower().endswith(('.xlsx', '.xlsm', '.xls', '.ods')):
        raise FileError('format')
    rows = _read_workbook(content) if is_workbook else _read_csv(content)
    found = []
    for number, values in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise FileError('rows')
        values = [value.strip() if isinstance(value, str) else value for value in values[:COLUMNS_MAX]]
        while values and values[-1] in (None, ''):
            values.pop()
        if values:
            found.append((number, values))
    if not found:
        raise FileError('empty')
    return found


def _read_workbook(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > UNPACKED_MAX:
                raise FileError('size')
        # formulas are kept as text, so that they are noticed
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = workbook.worksheets[0]
        return [list(row) for row in sheet.iter_rows(max_row=ROWS_MAX + 1, max_col=COLUMNS_MAX, values_only=True)]
    except FileError:
        raise
    except Exception as error:
        # openpyxl raises whatever the broken part of a file makes it raise
        raise FileError('format') from error


def _read_csv(content):
    for encoding in ('utf-8-sig', 'gb18030', 'latin-1'):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if '\x00' in text:
        raise FileError('format')
    first = text.split('\n', 1)[0]
    delimiter = max((';', '\t', ','), key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise FileError('format') from error


def parse_number(value, decimal_point='.'):
    """Return a number as people write it: 1234.5, 1,234.5, 1.234,5 or 1 234,5.

    :param value: number or text; None and '' are no value
    :param str decimal_point: of the user's language, decides what 1,234 means
    :return: float or None
    :raise FormulaError: for a formula
    :raise ValueError: for other text
    """
    if value is None or value == '':
        return None
    if isinstance(value, (bool, date, datetime)):
        raise ValueError(value)
    if isinstance(value, (int, float)):
        return float(value)
    text = _SPACES.sub('', str(value))
    if text.startswith(('=', '+', '@')):
        raise FormulaError(value)
    if '.' in text and ',' in text:
        point = '.' if text.rindex('.') > text.rindex(',') else ','
    else:
        sign = '.' if '.' in text else ','
        grouped = re.fullmatch(rf'-?\d{{1,3}}({re.escape(sign)}\d{{3}})+', text)
        point = decimal_point if grouped and text.count(sign) == 1 else ('' if grouped else sign)
    thousands = {'.': ',', ',': '.'}.get(point)
    text = text.replace(thousands, '') if thousands else text.replace(',', '').replace('.', '')
    text = text.replace(point, '.') if point else text
    if not re.fullmatch(r'-?(\d+(\.\d*)?|\.\d+)', text):
        raise ValueError(value)
    return float(text)


def parse_month(value):
    """Return the first day of the month that a header or cell names, or None.

    :param value: date, or text such as 2026-03, 2026-03-01, 03/2026 or Mar 2026
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.replace(day=1)
    for form in _MONTH_FORMS:
        try:
            return datetime.strptime(str(value or '').strip(), form).date().replace(day=1)  # noqa: DTZ007 - a month has no zone
        except ValueError:
            continue
    return None
