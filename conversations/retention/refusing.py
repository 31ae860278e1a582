"""What a plan or its execution is refused with."""


class Refused(Exception):
    """Why, and what to do, for people."""
