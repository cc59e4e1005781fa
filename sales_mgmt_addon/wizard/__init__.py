from . import approval
from . import gate
from . import attainment
from . import quota
from . import credit
from . import receivable
from . import collection
from . import settlement
