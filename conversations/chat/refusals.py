"""What is told to whoever asks for something that can't be done."""


class Refusal(Exception):
    """What was asked for can't be done; `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
