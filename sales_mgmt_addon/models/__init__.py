from . import approval
from . import gate
from . import credit
from . import demo
