"""Code interpreter: a small program, what it printed, and a file that it left in its container."""

from conversations.emulator.hosted.work import Work
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call

CODE = """\
import csv

squares = [(n, n * n) for n in range(1, 6)]
for n, square in squares:
    print(f"{n} squared is {square}")

with open("/mnt/data/squares.csv", "w", newline="") as file:
    csv.writer(file).writerows([("n", "square"), *squares])
"""
LOGS = "".join(f"{n} squared is {n * n}\n" for n in range(1, 6))


def work(given: Work) -> Work:
    container = given.tool["container"]
    container = container if isinstance(container, str) else new_id("cntr")
    opened = {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "in_progress",
        "code": "",
        "container_id": container,
        "outputs": None,
    }
    outputs = [{"type": "logs", "logs": LOGS}] if given.includes("code_interpreter_call.outputs") else None
    done = {"status": "completed", "code": CODE, "outputs": outputs}
    given.calls.append(
        Call(
            opened,
            done,
            at_first=("in_progress",),
            stem="code_interpreter_call_code",
            key="code",
            at_last=("interpreting", "completed"),
        )
    )
    file = {"container_id": container, "file_id": new_id("cfile"), "filename": "squares.csv"}
    given.say("I ran a small program: the fifth square is 25. The table is in ")
    given.cite("[squares.csv](sandbox:/mnt/data/squares.csv)", type="container_file_citation", **file)
    return given.say(".\n\n")
