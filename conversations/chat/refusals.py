"""What is told to whoever asks for something that can't be done."""


class Refusal(Exception):
    """What was asked for can't be done; `code` is for programs, the text for people.

    `choice` names the one among the choices that has to go.
    """

    def __init__(self, code: str, message: str, *, choice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.choice = choice
