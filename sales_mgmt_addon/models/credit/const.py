"""Selections and limits that several credit models share."""

POLICIES = [
    ('no_credit', "No credit"),
    ('limited', "Limited"),
    ('unlimited', "Unlimited"),
]

CREDIT_CLASSES = [
    ('A', "A"),
    ('B', "B"),
    ('C', "C"),
    ('D', "D"),
    ('E', "E"),
]

VERDICTS = [
    ('approve', "Approved"),
    ('reject', "Rejected"),
]

SCOPES = [
    ('once', "This document only"),
    ('until_date', "All documents until a date"),
    ('up_to_amount', "All documents up to an exposure"),
]

# Beyond this a figure is a typing error, and floats begin to lose cents.
AMOUNT_MAX = 1e12
OVERDUE_DAYS_MAX = 3650

# An unlimited policy has no amount, but must reach the last step of every approval rule.
UNLIMITED_AMOUNT = 1e11

# How long an approved exposure lets deliveries pass when the approver sets no date.
DECISION_VALID_DAYS = 90

# Checks that are settled by a decision for the whole profile; a hold is lifted, never covered.
COVERED_UNTIL_DATE = ('credit_limit', 'credit_overdue', 'credit_expired')
COVERED_UP_TO_AMOUNT = ('credit_limit',)
