"""The payment worker. Read it in this order: handler, worker, contract, payments, ledger, notifications."""
