"""The gateway as processes: one supervises, serves /health and /metrics, and forks the workers.

The supervising process has one thread, no event loop and no connection to a database or to Redis,
so that a worker can be forked from it at any time. Only `worker` knows what a worker does.
"""
