"""The settings of stacks: the product's, but looking at a password takes no half second of a processor."""

from responses_ui.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
