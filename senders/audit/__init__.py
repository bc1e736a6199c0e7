"""The audit log: who changed what, when and from where, and what it was before.

Services record in the transaction of their change (`recording.record`); who acts is known to
`acting` and needs no argument. Knows none of the objects that it tells of.
"""
