from . import sales_metric
from . import sales_attainment_entry
