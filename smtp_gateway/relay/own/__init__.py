"""What one delivery has of its own: header fields in front of the mail, and its envelope sender.

`list_fields` knows the fields of RFC 2369 and 8058, `making` makes what is added to batch mail.
"""
