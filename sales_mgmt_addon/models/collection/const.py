"""Selections and limits that several collection models share."""

CONTACTS = [
    ('call', "Call"),
    ('mail', "E-mail"),
    ('visit', "Visit"),
    ('letter', "Letter"),
]
KINDS = [*CONTACTS, ('note', "Note")]

OUTCOMES = [
    ('promised', "Reached: promised to pay"),
    ('disputed', "Reached: disputes an item"),
    ('undecided', "Reached: no commitment"),
    ('callback', "Will call back"),
    ('no_answer', "No answer"),
    ('wrong_contact', "Wrong contact"),
    ('refused', "Refuses to pay"),
    ('sent', "Sent"),
]
# Nobody of the customer has heard from us
UNREACHED = ('no_answer', 'wrong_contact')

# What to do next and in how many days, by the outcome of a contact; the user may choose otherwise.
NEXT_STEPS = {
    'promised': ('call', 7),
    'disputed': ('call', 7),
    'undecided': ('call', 3),
    'callback': ('call', 2),
    'no_answer': ('call', 1),
    'wrong_contact': ('mail', 0),
    'refused': ('letter', 1),
    'sent': ('call', 5),
}

# A contact counts as successful when money comes within so many days
SUCCESS_DAYS = 14
# Broken promises count against a customer for so many days
BROKEN_DAYS = 365
# Nobody plans further ahead than this
HORIZON_DAYS = 180
POLICY_DAYS_MAX = 365

CASE_GUARD = 'collection.case'
# Who changes many cases brings all their activities up to date at the end
MIRROR_LATER = 'collection.mirror_later'
ACTION_GUARD = 'collection.action'
PROMISE_GUARD = 'collection.promise'
CHATTER_PREFIXES = ('activity_', 'message_', 'my_activity_', 'rating_')
