from . import sales_collection_case
from . import sales_collection_promise
from . import sales_collection_promise_line
from . import sales_dunning_level
from . import sales_dunning_run
from . import sales_dunning_letter
from . import sales_dunning_line
