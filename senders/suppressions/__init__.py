"""Recipients that get no mail, because of what happened before: who, of whose mail, and why.

`services` begins and ends suppressions, `reading` finds them, `key` has the numbers by which
gateways know them, `rules` the scopes and times of each reason. The table is `senders.suppression`.
"""
