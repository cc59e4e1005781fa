from . import sales_collection_log
from . import sales_collection_promise_cancel
from . import sales_collection_promise_make
from . import sales_collection_promise_make_line
from . import sales_collection_snooze
from . import sales_dunning_skip
from . import sales_dunning_pause
