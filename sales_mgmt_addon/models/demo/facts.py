"""The facts of the demo company: who buys what, how often, and how they pay.

Keys of customers and products are the last part of their XML id (``partner_<key>``, ``product_<key>``).
"""

MODULE = 'sales_mgmt_addon'

# One fixed seed, so that every installation on the same day tells the same story.
SEED = 19
DAYS_OF_HISTORY = 365

VAT_PERCENT = 13.0

# customer: (way of paying, payment term, basket, orders in a year)
CUSTOMERS = {
    # North
    'tianhe': ('prompt', 30, 'factory', 18),
    'jingbei': ('late', 60, 'university', 12),
    'yanshan': ('chronic', 60, 'hospital', 9),
    'zhongheng': ('prompt', 30, 'laboratory', 12),
    'haihe': ('late', 30, 'laboratory', 10),
    'binhai': ('chronic', 30, 'dealer', 14),
    'jinmen': ('insolvent', 30, 'factory', 9),
    'yongsheng': ('late', 30, 'factory', 8),
    # East
    'pujiang': ('late', 60, 'university', 14),
    'linjiang': ('prompt', 30, 'laboratory', 11),
    'shenhai': ('prompt', 30, 'electronics', 20),
    'renhe': ('chronic', 60, 'hospital', 8),
    'yuanjing': ('prompt', 30, 'factory', 10),
    'zhonghu': ('late', 60, 'university', 9),
    'yangzi': ('late', 30, 'laboratory', 10),
    'xihe': ('prompt', 30, 'dealer', 18),
    'donghai': ('chronic', 30, 'factory', 7),
    'taihu': ('new', 30, 'electronics', 3),
    # South
    'pengcheng': ('prompt', 30, 'electronics', 16),
    'nanling': ('late', 60, 'university', 11),
    'yuehai': ('chronic', 60, 'hospital', 7),
    'hengda': ('late', 30, 'electronics', 12),
    'lianhe': ('prepaid', 0, 'dealer', 10),
    'jinyao': ('late', 30, 'factory', 6),
    'haixi': ('prompt', 30, 'laboratory', 9),
    'yongjiang': ('dormant', 30, 'laboratory', 3),
}

# way of paying: mean and spread of the days between due date and payment
DELAYS = {
    'prompt': (-1, 3),
    'late': (15, 5),
    'chronic': (62, 24),
    'insolvent': (38, 8),
    'new': (0, 2),
    'dormant': (0, 2),
    'prepaid': (0, 0),
}

# way of paying: first and last day of ordering, counted back from today
ORDERING = {
    'insolvent': (365, 95),
    'new': (55, 4),
    'dormant': (350, 240),
}
# The nearly insolvent customer has paid nothing but one instalment since then (days ago).
INSOLVENT_SINCE = 150

# Demand by month: Spring Festival is quiet, the budgets are spent before the year ends.
SEASON = {1: 0.8, 2: 0.45, 3: 1.1, 4: 1.0, 5: 1.0, 6: 1.2, 7: 0.85, 8: 0.85, 9: 1.1, 10: 0.95, 11: 1.3, 12: 1.45}

# basket: [(product, weight, smallest and largest quantity)], discount range in %
BASKETS = {
    'university': ([
        ('osc_100', 5, 2, 8), ('osc_500', 3, 1, 2), ('siggen', 2, 1, 2), ('multimeter', 4, 2, 8), ('power', 4, 2, 8),
        ('spec_uv', 2, 1, 2), ('spec_ir', 1, 1, 1), ('bal_01', 2, 1, 3), ('install', 2, 1, 1), ('warranty', 1, 1, 2),
    ], (0, 10)),
    'hospital': ([
        ('bal_01', 3, 1, 3), ('bal_micro', 1, 1, 1), ('spec_uv', 2, 1, 1), ('lamp', 3, 2, 6), ('weights', 2, 1, 2),
        ('cal_site', 4, 2, 8), ('install', 1, 1, 1), ('filter', 2, 5, 20),
    ], (0, 8)),
    'factory': ([
        ('multimeter', 4, 1, 6), ('power', 3, 1, 6), ('osc_100', 3, 1, 4), ('osc_500', 1, 1, 2), ('spec_xrf', 1, 1, 1),
        ('weights', 2, 1, 2), ('cal_site', 4, 2, 10), ('cal_lab', 3, 2, 10), ('filter', 3, 5, 30),
    ], (0, 6)),
    'electronics': ([
        ('osc_2g', 2, 1, 2), ('osc_500', 4, 1, 3), ('siggen', 3, 1, 2), ('power', 4, 2, 10), ('multimeter', 3, 2, 8),
        ('probe', 5, 4, 20), ('spec_xrf', 1, 1, 1), ('cal_lab', 3, 3, 12), ('warranty', 2, 1, 3),
    ], (0, 8)),
    'laboratory': ([
        ('bal_01', 4, 1, 3), ('bal_micro', 2, 1, 1), ('spec_uv', 2, 1, 1), ('spec_ir', 1, 1, 1), ('lamp', 3, 1, 6),
        ('weights', 3, 1, 3), ('cal_lab', 4, 3, 15), ('cal_site', 3, 2, 6), ('filter', 2, 5, 20),
    ], (0, 6)),
    'dealer': ([
        ('osc_100', 5, 4, 12), ('multimeter', 4, 4, 12), ('power', 4, 4, 12), ('probe', 4, 10, 40), ('bal_01', 2, 2, 4),
        ('lamp', 2, 5, 15), ('filter', 3, 20, 60), ('osc_500', 1, 1, 3),
    ], (6, 12)),
}

# goods left in the warehouse today, beside what open orders wait for
STOCK_LEFT = {
    'osc_100': 46, 'osc_500': 17, 'osc_2g': 4, 'siggen': 9, 'multimeter': 52, 'power': 38, 'spec_uv': 6, 'spec_ir': 2,
    'spec_xrf': 3, 'bal_01': 21, 'bal_micro': 3, 'probe': 140, 'lamp': 65, 'weights': 18, 'filter': 310,
}
SERVICES = ('cal_site', 'cal_lab', 'install', 'warranty')
PARTS = ('probe', 'lamp', 'weights', 'filter')  # invoiced as ordered, not as delivered

# Lots of one order in so many are cancelled, delivered in two parts, or paid in two parts.
CANCELLED_SHARE = 0.03
SPLIT_DELIVERY_SHARE = 0.05
SPLIT_PAYMENT_SHARE = 0.12
RETURNED_ORDERS = 4
DRAFT_INVOICES = 3
OPEN_QUOTATIONS = 9

# Of the time before, back to the first day of last year, only invoices and payments were brought into Odoo:
# so many for each order of this year, and none of the customers who were won since.
FORMER_SHARE = 0.7
WON_SINCE = ('taihu', 'haixi', 'yongsheng', 'linjiang')

# price concessions after the invoice: (customer, days ago, amount without tax, reason)
CONCESSIONS = [
    ('shenhai', 140, 6800.0, "Goodwill: late installation"),
    ('pujiang', 75, 2400.0, "Price difference agreed after invoice"),
    ('xihe', 32, 5200.0, "Volume bonus, third quarter"),
]
# money received and not yet matched with an invoice: (customer, days ago, amount)
UNMATCHED_RECEIPTS = [
    ('binhai', 9, 20000.0),
    ('tianhe', 3, 35000.0),
]

# yuan for one US dollar, on the first day of last year and since the first day of this year
USD_RATES = (7.24, 7.12)
# Invoices without an order that are still open, at least partly. The term is a number of days, or 'thirds' for three
# instalments after 30, 60 and 90 days.
# key: (customer, days ago, term, currency, text, amount without tax, [(days ago, amount received)])
CLAIMS = {
    'repairs': ('yuehai', 84, 30, 'CNY', "Repair of two balances, replacement of the weighing cells", 48600.0, []),
    'bench': ('hengda', 55, 'thirds', 'CNY', "Rental of a test bench, second half of the year", 90000.0, [(12, 20000.0)]),
    'export': ('pengcheng', 45, 30, 'USD', "Probe stations for the plant in Vietnam", 12800.0, []),
    'teaching': ('nanling', 90, 60, 'CNY', "Teaching kits for the autumn term", 36500.0, []),
    'certificates': ('jinyao', 94, 30, 'CNY', "Calibration certificates, 46 instruments", 27600.0, []),
    'spare_parts': ('yongjiang', 230, 30, 'CNY', "Spare parts and travel", 9600.0, []),
    'training': ('yangzi', 52, 30, 'CNY', "Training of six laboratory assistants", 14400.0, []),
}

# xmlid: name in Simplified Chinese
CHINESE_NAMES = {
    'team_huaxin': "华信销售部",
    'team_north': "华北区",
    'team_beijing': "北京组",
    'team_tianjin': "天津组",
    'team_east': "华东区",
    'team_shanghai': "上海组",
    'team_nanjing': "南京组",
    'team_south': "华南区",
    'team_shenzhen': "深圳组",
    'team_guangzhou': "广州组",
    'product_osc_100': "示波器 100 MHz",
    'product_osc_500': "示波器 500 MHz",
    'product_osc_2g': "示波器 2 GHz",
    'product_siggen': "信号发生器 6 GHz",
    'product_multimeter': "台式万用表 六位半",
    'product_power': "可编程直流电源",
    'product_spec_uv': "紫外可见分光光度计",
    'product_spec_ir': "傅里叶红外光谱仪",
    'product_spec_xrf': "X射线荧光光谱仪",
    'product_bal_01': "分析天平 0.1 毫克",
    'product_bal_micro': "微量天平 1 微克",
    'product_probe': "示波器探头 500 MHz",
    'product_lamp': "氘灯",
    'product_weights': "校准砝码组 E2",
    'product_filter': "防尘滤网套件",
    'product_cal_site': "上门校准服务",
    'product_cal_lab': "实验室校准服务",
    'product_install': "安装与培训",
    'product_warranty': "延保服务 两年",
}

# === TERMS AND DECISIONS === #

DISCOUNT_RIGHT = 12.0
MARGIN_FLOOR = 15.0
NEW_CUSTOMER_LIMIT = 50000.0

# customer: (policy, lowest limit, class, tolerated overdue days, highest usage of the limit today)
# The limit is raised to what is owed today divided by the usage, so that the story holds on every day.
CREDIT_TERMS = {
    'tianhe': ('limited', 400000, 'A', 30, 0.7),
    'jingbei': ('limited', 500000, 'B', 45, 0.7),
    'yanshan': ('limited', 300000, 'C', 60, 0.8),
    'zhongheng': ('limited', 400000, 'A', 30, 0.7),
    'haihe': ('limited', 300000, 'B', 30, 0.7),
    'binhai': ('limited', 450000, 'D', 45, 0.95),
    'jinmen': ('limited', 320000, 'D', 30, 0.8),
    'yongsheng': ('limited', 150000, 'B', 30, 0.7),
    'pujiang': ('limited', 500000, 'B', 45, 0.92),
    'linjiang': ('limited', 300000, 'A', 30, 0.6),
    'shenhai': ('limited', 600000, 'A', 30, 0.75),
    'renhe': ('limited', 200000, 'C', 90, 0.7),
    'yuanjing': ('limited', 300000, 'A', 30, 0.6),
    'zhonghu': ('limited', 400000, 'B', 45, 0.7),
    'yangzi': ('limited', 200000, 'B', 30, 0.7),
    'xihe': ('limited', 700000, 'A', 30, 0.8),
    'donghai': ('limited', 150000, 'C', 90, 0.8),
    'taihu': ('limited', 150000, 'C', 15, 0.8),
    'pengcheng': ('limited', 400000, 'A', 30, 0.92),
    'nanling': ('limited', 500000, 'B', 45, 0.6),
    'yuehai': ('limited', 200000, 'C', 90, 0.7),
    'hengda': ('limited', 250000, 'C', 30, 0.9),
    'lianhe': ('no_credit', 0, 'D', 0, 1.0),
    'jinyao': ('limited', 120000, 'C', 30, 0.7),
    'haixi': ('limited', 300000, 'A', 30, 0.7),
    'yongjiang': ('limited', 100000, 'B', 30, 0.7),
}
# customer: days until the terms must be reviewed (negative: the review is late); others in about a year
REVIEWS = {'yongjiang': -12, 'yongsheng': 5, 'renhe': 20}

# === TARGETS === #

# share of the opportunities that are won, by basket
WON_SHARE = {
    'university': 0.45, 'hospital': 0.4, 'factory': 0.5, 'electronics': 0.6, 'laboratory': 0.55, 'dealer': 0.7,
}
# metric: weight in the plans, in %
PLAN_WEIGHTS = {'invoiced': 60.0, 'margin': 20.0, 'collected': 20.0}
# what was asked of each salesperson, as a multiple of what he reached: last year, and of this year's run
FORMER_TARGETS = {
    'sun': 1.04, 'zhou': 0.97, 'wu': 1.02, 'xu': 0.95, 'he': 1.06, 'gao': 1.1, 'lin': 0.93, 'luo': 1.01,
}
PRESENT_TARGETS = {
    'sun': 1.24, 'zhou': 1.32, 'wu': 1.02, 'xu': 1.0, 'he': 1.06, 'gao': 1.08, 'lin': 0.82, 'luo': 0.98,
}
RESERVE_PERCENT = -2.0  # what the company holds back
PADDING = {'team_east': 4.0}  # what a region gives out beyond its target, in %
NOT_ACKNOWLEDGED = ('gao',)
PROPOSING = 'he'
# who is behind, the leader who signed too, what he does, the expected effect
ACTIONS = [
    ('zhou', 'sun', "Visit the five hospitals that have not ordered since summer", 180000.0),
    ('sun', None, "Offer the calibration contract to all customers with balances", 90000.0),
]
# region: the market of this year as multiples of our sales there, at least and at most
MARKETS = [('team_north', 11, 15), ('team_east', 8, 11), ('team_south', 9, 13)]

# === RECEIVABLES === #

# setting of the company: (code, name, type)
LOSS_ACCOUNTS = {
    'loss_expense_account_id': ('6600', "Bad Debt Expense", 'expense'),
    'loss_allowance_account_id': ('1219', "Loss Allowance", 'asset_current'),
    'loss_recovery_account_id': ('4600', "Income from Recoveries", 'income_other'),
}
DUNNING_COSTS = {'fee': 50.0, 'interest_rate': 6.0}
LAST_DUNNING = 24  # days ago
# who, claim, reason, what the customer says, days ago, how it was settled (open if None)
DISPUTES = [
    ('user_luo', 'repairs', 'quality',
     "One of the two balances drifts again after the repair. They pay when it is repaired a second time.", 21, None),
    ('user_luo', 'certificates', 'invoice',
     "46 certificates invoiced, 41 delivered. They want a new invoice and have named a lawyer.", 33, None),
    ('user_luo', 'teaching', 'price', "They remember a discount of 10 % for the autumn term.", 40,
     "The offer they signed has no discount; they accept the invoice."),
]
# who, customer, kind of contact, outcome, what was said, days ago
CONTACTS = [
    ('user_wu', 'jinmen', 'call', 'undecided', "The treasurer is not allowed to pay anybody before the bank has decided.", 26),
    ('user_credit', 'jinmen', 'visit', 'refused', "Met the owner. No payment without a new investor.", 11),
    ('user_xu', 'donghai', 'call', 'promised', "Pays the October invoice by the middle of the month.", 22),
    ('user_credit', 'donghai', 'call', 'no_answer', "Three times, nobody in accounting.", 5),
    ('user_lin', 'hengda', 'call', 'promised', "First instalment of the rental as soon as their export rebate is in.", 20),
    ('user_gao', 'yangzi', 'call', 'promised', "Invoice was with the wrong department.", 18),
    ('user_luo', 'nanling', 'call', 'promised', "In the payment run of next week, the dean has signed.", 3),
    ('user_he', 'renhe', 'mail', 'sent', "Statement with the old invoice.", 16),
    ('user_he', 'renhe', 'call', 'callback', "Finance looks for the invoice of July and calls back.", 9),
    ('user_credit', 'binhai', 'call', 'undecided', "Wants to wait until the fair in Tianjin is over.", 6),
]
# who took it, customer (oldest item), multiple of what is open of it today, made days ago, until days from now, what was said
PROMISES = [
    ('user_xu', 'donghai', 1.0, 22, -9, "By the middle of the month."),
    ('user_lin', 'hengda', 2.4, 20, -6, "When the export rebate is in."),
    ('user_gao', 'yangzi', 1.0, 18, -5, "Within two weeks."),
    ('user_luo', 'nanling', 1.0, 3, 7, "In the next payment run."),
]
# customers who kept their promise: money so many days ago
KEPT = [('yangzi', 8)]
SNOOZED = ('user_credit', 'yanshan', 9, "Public hospital: pays on the fourth of each month, the invoice is in that run.")
# reason code and words of the salespeople, in turn
PACK_COMMENTS = [
    ('liquidity', "Their bank has frozen the credit line; the owner looks for an investor. Next visit on Friday."),
    ('approval', "The dean has signed, it lies with the finance department. They pay in the next run."),
    ('paperwork', "They miss the delivery note of the second part. Sent again today, receipt confirmed by phone."),
    ('delivery', "The last item came two weeks late; they hold the whole invoice back. Installation is done now."),
]
COACHING_NOTE = (
    "<p>First call came 19 days after the due date. Call in the first week: the two customers you called early paid at "
    "once. Ask for a day and an amount, “soon” is no promise.</p>")

# === MARKET === #

MARKET_CHINESE_NAMES = {
    'channel_direct': "直销",
    'channel_dealer': "经销商",
    'channel_online': "线上",
    'channel_shop': "自营网店",
    'channel_market': "华信实验室商城",
    'team_market': "商城组",
    'product_fiber': "光纤跳线 2 米",
    'product_cuvette': "石英比色皿 4 只装",
    'product_reagent': "重金属检测试剂盒",
    'product_buffer': "pH 缓冲液 4/7/10",
}
# seller: mode, settlement cycle, share of a payout kept back (%), why
SELLERS = {
    'kexin': ('marketplace', 'monthly', 0.0,
              "Kexin sets its prices, ships from Wuhan and answers for its goods. The buyer's contract is with Kexin; "
              "we show its name in the shop and only collect the money."),
    'mingde': ('hosted', 'decade', 5.0,
               "Mingde sets its prices and owns the goods until they are sold; they lie in our Suzhou warehouse and we ship "
               "them. The terms of sale name Mingde as the seller."),
}
APPLICANT = 'aode'
# seller: {product: (price, lead time in days, goods he has)}
OFFERS = {
    'kexin': {'fiber': (680.0, 3, 240.0), 'cuvette': (1450.0, 4, 120.0), 'buffer': (199.0, 5, 60.0)},
    'mingde': {'reagent': (960.0, 2, 160.0), 'buffer': (185.0, 2, 400.0)},
}
COMMISSIONS = [
    {'name': "Lab Market: all goods", 'percent': 12.0},
    {'name': "Consumables", 'percent': 10.0, 'category': True, 'refund_policy': 'percent', 'refund_percent': 80.0},
    {'name': "Picking and packing", 'kind': 'fulfilment', 'fixed_unit': 3.5, 'seller': 'mingde'},
]
# key: customer, ordered so many days ago, [(seller or None for our own, product, quantity)], shipped and invoiced after so
# many days, paid after so many days
MARKET_ORDERS = {
    'first': (
        'pujiang', 58, [('kexin', 'fiber', 10), ('kexin', 'cuvette', 6), ('mingde', 'reagent', 8), (None, 'lamp', 2)], 4, 9),
    'second': ('linjiang', 41, [('kexin', 'cuvette', 12), ('mingde', 'buffer', 40)], 3, 7),
    'third': ('zhongheng', 18, [('kexin', 'fiber', 20), ('mingde', 'reagent', 10)], 3, 10),
    'fourth': ('zhonghu', 9, [('mingde', 'buffer', 24), ('mingde', 'reagent', 4)], 2, None),
    'new': ('linjiang', 1, [('kexin', 'fiber', 4), ('kexin', 'cuvette', 2)], None, None),
    'newer': ('haihe', 0, [('kexin', 'cuvette', 5), ('mingde', 'reagent', 6), (None, 'weights', 1)], None, None),
}
# returned after the payout: order, seller, product, quantity, days ago, why
MARKET_RETURN = ('first', 'kexin', 'cuvette', 2, 6, "Two sets arrived with scratches.")
# what we give on orders of the market: order, seller, share of the price (%)
MARKET_PROMOTION = ('third', 'kexin', 5.0)
