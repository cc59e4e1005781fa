from . import portal
from . import receivable
