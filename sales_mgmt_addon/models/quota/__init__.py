from . import sales_quota_plan
from . import sales_quota_plan_metric
from . import sales_quota_node
from . import sales_quota_cell
from . import sales_quota_change
from . import sales_quota_grid
from . import sales_quota_pages
from . import sales_quota_node_entries
