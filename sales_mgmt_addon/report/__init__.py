from . import sales_quota_report
from . import sales_quota_curve
from . import sales_receivable_kpi
