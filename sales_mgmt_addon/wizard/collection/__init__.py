from . import sales_dunning_skip
from . import sales_dunning_pause
