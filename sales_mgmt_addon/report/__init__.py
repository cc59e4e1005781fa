from . import sales_quota_report
from . import sales_quota_curve
