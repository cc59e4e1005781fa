import base64
import io
from datetime import date, datetime

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..wizard.quota import quota_file
from ..wizard.quota.quota_file import FileError, FormulaError, parse_month, parse_number, read_rows
from .quota_common import QuotaCommon


def workbook(rows):
    """Return an XLSX file with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaFile(BaseCase):
    """What people write into spreadsheets."""

    def test_numbers(self):
        for text, point, number in (
            ("1234.5", '.', 1234.5), ("1,234.5", '.', 1234.5), ("1.234,5", '.', 1234.5), ("1 234,5", ',', 1234.5),
            ("1,234", '.', 1234), ("1,234", ',', 1.234), ("1.234", ',', 1234), ("1.234", '.', 1.234), ("12,5", '.', 12.5),
            ("1,234,567", ',', 1234567), ("1.234.567,89", '.', 1234567.89), ("-5", '.', -5),
            ("1'234.50", '.', 1234.5),
            (7, '.', 7), (7.25, '.', 7.25), (None, '.', None), ("", '.', None), ("1\u202f234,5", ',', 1234.5),
        ):
            self.assertEqual(parse_number(text, point), number, (text, point))
        for text in ("abc", "1.2.3,4,5", "12a", "--1", "nan", "inf", "1e5", True, datetime(2031, 1, 1), "."):
            with self.assertRaises(ValueError, msg=text):
                parse_number(text)
        for text in ("=A1*2", "+1+2", "@SUM(A1)"):
            with self.assertRaises(FormulaError):
                parse_number(text)

    def test_months(self):
        for value in (
            "2031-03", "2031-03-01", "03/2031", "2031/03", "2031.03", "Mar 2031", "2031年03月", date(2031, 3, 9),
            datetime(2031, 3, 9),
        ):
            self.assertEqual(parse_month(value), date(2031, 3, 1), value)
        for value in ("", None, "Node", "13/2031", 3):
            self.assertIsNone(parse_month(value))

    def test_files(self):
        rows = [["Node", "2031-01"], ["A", 1]]
        self.assertEqual([values for _number, values in read_rows(workbook(rows), 'x.xlsx')], rows)
        self.assertEqual(read_rows("Node;2031-01\n\nÄ;1\n".encode(), 'x.csv'), [(1, ["Node", "2031-01"]), (3, ["Ä", "1"])])
        self.assertEqual(read_rows("节点,2031-01\n甲,1".encode('gb18030'), 'x.csv')[1][1], ["甲", "1"])
        for content, name, code in (
            (b'', 'x.csv', 'empty'), (b'\n\n', 'x.csv', 'empty'), (b'PK\x03\x04rubbish', 'x.xlsx', 'format'),
            (b'no workbook', 'x.xlsx', 'format'), (b'a\x00b', 'x.csv', 'format'),
            (b'x' * (quota_file.SIZE_MAX + 1), 'x.csv', 'size'), (b'a\n' * (quota_file.ROWS_MAX + 1), 'x.csv', 'rows'),
        ):
            with self.assertRaises(FileError, msg=name) as caught:
                read_rows(content, name)
            self.assertEqual(caught.exception.code, code)


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaImport(QuotaCommon):
    """Good rows change targets, bad ones are named."""

    def _import(self, content, user=None, filename='targets.csv', **values):
        if isinstance(content, str):
            content = content.encode()
        wizard = self.env['sales.quota.import'].with_user(user or self.env.user).create({
            'plan_id': self.plan.id, 'file': base64.b64encode(content), 'filename': filename, **values})
        wizard.action_import()
        return wizard

    def test_wide_form(self):
        wizard = self._import(
            "Node;2031-01;2031-02;2031-03\nTeam Shenzhen;1.234,5;300;\nsm_sales;100;;50\nRegion South / Team Shenzhen;;;70\n")
        # the path begins with the company
        self.assertEqual((wizard.bad_count, wizard.changed_count), (1, 0))
        wizard = self._import(
            "Node;2031-01;2031-02;2031-03\nTeam Shenzhen;1.234,5;300;\nsm_sales;100;;50\n", reason="Board")
        self.assertEqual((wizard.bad_count, wizard.changed_count, wizard.state), (0, 4, 'result'))
        self.assertEqual([self._amount(self.node_team, month) for month in (1, 2, 3)], [1234.5, 300, 0])
        self.assertEqual([self._amount(self.node_sales, month) for month in (1, 2, 3)], [100, 0, 50])
        self.assertEqual(self._amount(self._reserve(self.node_team), 3), -50)
        change = self.node_sales.cell_ids.change_ids[0]
        self.assertEqual((change.cause, change.reason), ('import', "Board"))
        self.assertExact(self.plan)

    def test_long_form_with_metrics(self):
        wizard = self._import(
            "Node,Metric,Month,Target\nSm Sales,Ordered,2031-04,10\nsm sales,new_customers,2031-04-01,3\nSM_SALES2,,04/2031,7\n")
        self.assertEqual((wizard.bad_count, wizard.changed_count), (0, 3))
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2, month=4), [10, 7])
        self.assertEqual(self._amount(self.node_sales, 4, self.metric_count), 3)

    def test_bad_rows_are_named(self):
        content = workbook([
            ["Node", "Metric", date(2031, 1, 1), "2031-02"],
            ["Sm Sales", "Ordered", 10, 20],
            ["Nobody", "Ordered", 1, 2],
            ["Sm Sales2", "Profit", 1, 2],
            ["Sm Sales2", "Ordered", "=B1", 2],
            ["Sm Sales2", "Ordered", "many", 2],
            ["Sm Sales2", "Ordered", -5, 2],
            ["Sm Sales", "Ordered", None, 30],
            [None, None, 1, 1],
            ["Reserve", None, 1, 1],
            ["Sm Sales2", "Ordered", 1e15, 1],
        ])
        wizard = self._import(content, filename='targets.xlsx')
        self.assertEqual((wizard.changed_count, wizard.bad_count), (0, 9))
        self.assertEqual(self._amount(self.node_sales), 0)
        found = {line.number: line.message for line in wizard.line_ids}
        for number, words in {
            3: "no node Nobody", 4: "no metric Profit", 5: "is a formula", 6: "many is not a number", 7: "negative",
            8: "twice", 9: "no node without a name", 10: "no node Reserve", 11: "too large",
        }.items():
            self.assertIn(words, found[number])
        wizard = self._import(content, filename='targets.xlsx', bad_rows='skip')
        self.assertEqual((wizard.changed_count, wizard.bad_count), (2, 9))
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2), [10, 0])
        self.assertExact(self.plan)

    def test_month_outside_the_year(self):
        wizard = self._import("Node,2032-01\nSm Sales,1\n")
        self.assertIn("outside the year", wizard.line_ids.message)

    def test_unusable_files(self):
        for content, words in (
            ("", "empty"), ("Node,Whatever\nSm Sales,1\n", "must name the months"), (b'PK\x03\x04no', "cannot be read"),
        ):
            with self.assertRaisesSaying(UserError, words):
                self._import(content)

    def test_roles(self):
        content = "Node,2031-01\nSm Sales,5\nTeam Shenzhen,6\n"
        wizard = self._import(content, self.user_sm_leader, bad_rows='skip')
        self.assertEqual(wizard.changed_count, 1)
        self.assertIn("cannot change the target of Team Shenzhen", wizard.line_ids.message)
        wizard = self._import(content, self.user_sm_sales)
        self.assertEqual((wizard.changed_count, wizard.bad_count), (0, 2))
        # what he may not read is not even confirmed to exist
        self.assertIn("no node Team Shenzhen", ' '.join(wizard.line_ids.mapped('message')))
        with self.assertRaises(AccessError):
            self._import(content, self.user_sm_stock)

    def test_template_can_be_imported(self):
        self.plan._distribute(self.root, self.metric, 1200, 'equal', profile='flat')
        wizard = self.env['sales.quota.import'].create({'plan_id': self.plan.id})
        action = wizard.action_download_template()
        self.assertIn('/template_file/Plan 2031.xlsx', action['url'])
        content = base64.b64decode(wizard.template_file)
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        rows = list(sheet.values)
        self.assertEqual(rows[0][:3], ("Node", "Metric", "2031-01"))
        self.assertEqual(len(rows), 1 + 5 * 3)
        self.assertEqual(self._import(content, filename='plan.xlsx').changed_count, 0)
        for row in sheet.iter_rows(min_row=2):
            if row[0].value == "Sm Sales" and row[1].value == "Ordered":
                row[2].value = 70
        stream = io.BytesIO()
        sheet.parent.save(stream)
        self.assertEqual(self._import(stream.getvalue(), filename='plan.xlsx').changed_count, 1)
        self.assertEqual(self._amount(self.node_sales), 70)

    def test_same_name_needs_the_path(self):
        other = self._create_team("Team Dongguan", parent=self.team_region, members=self._create_user(
            'sm_twin', 'sales_team.group_sale_salesman', name="Sm Sales"))
        self.plan.action_build_tree()
        wizard = self._import("Node,2031-01\nSm Sales,5\n")
        self.assertIn("several nodes", wizard.line_ids.message)
        path = f"{self.company.name} / Region South / {other.name} / Sm Sales"
        wizard = self._import(f'Node,2031-01\n"{path}",5\n')
        self.assertEqual(wizard.changed_count, 1)

    def test_closed_plan(self):
        self.plan.action_submit()
        with self.assertRaises(UserError):
            self._import("Node,2031-01\nSm Sales,5\n")
