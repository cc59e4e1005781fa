from . import sales_metric
from . import sales_attainment_entry
from . import res_config_settings
