"""The events of keys, which are those of all keys."""

from accounts.events import KeyEnrolled, KeyRevoked

__all__ = ["KeyEnrolled", "KeyRevoked"]
