"""`manage.py up`: the whole of DirectMail on one machine, started, watched and stopped in order.

Knows the processes and how each says that it is ready; knows nothing of what they do.
"""
