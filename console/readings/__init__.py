"""What each page, and its twin in JSON, says: typed readings of the ledger, one module a page.

A reading is a frozen value that knows its own JSON; it is read in one transaction, by a number of questions
that does not grow with what they find.
"""
