from . import sales_quota_report
