"""The check `unmanaged`: what is in an account and in no stack."""
