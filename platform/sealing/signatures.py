"""Where the rooms of bidding and opening find people's signatures; they are checked by `accounts.signatures`."""

from accounts.signatures import load_p256, verify

__all__ = ["load_p256", "verify"]
