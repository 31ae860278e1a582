"""Why a file isn't taken, by a code; the house has the sentences."""


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
