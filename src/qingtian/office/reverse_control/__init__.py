"""Commanding devices (反控): each command an act with rights, reason and ledger entry; what was answered; back-fill."""
