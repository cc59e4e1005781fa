from . import report_customer_statement
from . import report_receivable_ageing
from . import sales_receivable_report
from . import sales_quota_report
from . import sales_quota_curve
from . import sales_receivable_forecast
from . import sales_receivable_kpi
from . import sales_dunning_letter
