"""Check My Connection: a mail through the gateway as an application submits it, listened to."""
