"""Selections, fields of the server and roles that several seller models share."""

SELLER_STATES = [
    ('application', "Application"),
    ('approved', "Approved"),
    ('active', "Active"),
    ('suspended', "Suspended"),
    ('closed', "Closed"),
]
OFFER_STATES = [
    ('draft', "Draft"),
    ('submitted', "Submitted"),
    ('active', "Active"),
    ('paused', "Paused"),
    ('rejected', "Rejected"),
    ('closed', "Closed"),
]
SETTLEMENT_CYCLES = [
    ('weekly', "Weekly"),
    ('decade', "1st, 11th and 21st"),
    ('monthly', "Monthly"),
    ('delivery', "On Delivery plus Days"),
]
CHECK_KINDS = [
    ('licence', "Business Licence"),
    ('identity', "Identity of the Representative"),
    ('bank', "Bank Account"),
    ('vat', "VAT Number"),
    ('contract', "Contract"),
    ('category', "Licence for a Category"),
    ('other', "Other"),
]
CHECK_STATES = [
    ('open', "To Check"),
    ('passed', "Passed"),
    ('rejected', "Rejected"),
    ('waived', "Waived"),
]

MANAGER_GROUP = 'sales_mgmt_addon.group_channel_manager'
OFFICER_GROUP = 'sales_mgmt_addon.group_settlement_officer'
AREA_GROUP = 'sales_mgmt_addon.group_area_channel'
TODO_ACTIVITY = 'mail.mail_activity_data_todo'

# Beyond this a figure is a typing error
DAYS_MAX = 3650
