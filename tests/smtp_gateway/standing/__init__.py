"""The level of sender addresses: counted, judged and watched."""
