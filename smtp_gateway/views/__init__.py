"""The pages about mail: the log, one mail's life, the local mailbox, and sending a test mail."""
