from . import portal
from . import receivable
from . import seller
from . import seller_order
from . import seller_offer
from . import seller_statement
from . import seller_profile
