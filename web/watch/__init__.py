"""Saved searches that watch: what is new is matched, written down, and sent until it has arrived.

`matching` runs all searches over the new articles only, `outbox` writes alerts down in the same
transaction that says how far was looked, `sending` is mail and webhooks, `commands` the command.
"""
