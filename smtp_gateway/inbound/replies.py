"""Replies that only the inbound side gives; the others are those of submission."""

from smtp_gateway.submission.replies import Reply

# RFC 5321 section 3.6.2: what is not for our hosts is relayed for nobody.
NOT_OUR_HOST = Reply(550, "7.1", "Relaying denied: only reports about our own mail are taken here")
UNKNOWN_RECIPIENT = Reply(550, "1.1", "No such address here")
EXPIRED_RECIPIENT = Reply(550, "1.1", "This address took reports on one mail, for 30 days")
TAKEN = Reply(250, "0.0", "Ok: taken")
# Anybody may write to the postmaster, so there is an end to it.
POSTMASTER_IS_FULL = Reply(452, "2.2", "The postmaster had many mails; try again in an hour")
NO_COMPLAINT = Reply(550, "7.1", "Only feedback reports (RFC 5965) are taken at this address")
NO_OPT_OUT = Reply(550, "7.1", "The subject is not that of one of our unsubscribe links")
