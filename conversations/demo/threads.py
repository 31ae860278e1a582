"""What the demo's people talked about in the last month. Made up, as the people are."""

from dataclasses import dataclass

MINI = "gpt-5-mini"


@dataclass(frozen=True)
class Say:
    """One message. `fault` is what the emulator does wrong with its answer; `again` runs it once more after
    that; `stop` ends it before or after its first words.
    """

    text: str
    by: str = ""
    fault: str = ""
    again: bool = False
    stop: str = ""
    after: int = 4


@dataclass(frozen=True)
class Thread:
    """Begun so many days ago, at that time of day (UTC); `deletes`: oscar deletes its answers upstream;
    `tools`: from then on teams use some.
    """

    name: str
    days: int
    at: str
    owner: str
    says: tuple[Say, ...]
    deployment: str = "gpt-5.1"
    instructions: str = ""
    background: bool = False
    private: bool = False
    deletes: bool = False
    tools: bool = False


THREADS = (
    Thread("kick-off", 33, "09:12", "alice", (
        Say("Draft an agenda for the kick-off of the reader study with three teams."),
        Say("Make a checklist for onboarding the two interns who join the study."),
    )),
    Thread("pump-manual", 32, "13:40", "carol", (
        Say("Explain what cavitation does to a circulation pump, for a customer."),
        Say("Write an email to the customer about replacing the impeller."),
    )),
    Thread("survey-csv", 31, "10:05", "bob", (
        Say("How do I read a CSV file with semicolons in Python and skip the broken lines?"),
        Say("Write a unit test for that function.", after=9),
    )),
    Thread("travel-plan", 29, "08:30", "carol", (
        Say("Plan a week of site visits in the north with two technicians and one van."),
        Say("What if the van is only free from Wednesday on?"),
        Say("Summarize that in one sentence for the dispatcher."),
    )),
    Thread("slow-query", 29, "15:21", "alice", (
        Say("This query over the interview table is slow, how do I find out why?"),
        Say("What is an index-only scan?", by="bob", after=12),
    )),
    Thread("postpone", 28, "11:02", "ines", (
        Say("Write an email to postpone the review of the pilot by one week."),
    ), deployment=MINI),
    Thread("spare-parts", 28, "09:47", "david", (
        Say("Write a SQL query that lists spare parts below their reorder level per depot."),
        Say("Add the supplier and the days until delivery.", fault="cut=30", again=True),
    )),
    Thread("interview-guide", 27, "14:15", "alice", (
        Say("Suggest ideas for an interview guide about trust in automated summaries."),
        Say("Which three would you keep if there are only twenty minutes?"),
        Say("Turn them into open questions, briefly."),
    ), deletes=True),
    Thread("consent", 26, "10:33", "bob", (
        Say("Explain in two sentences what we tell participants about retention for 30 days."),
        Say("Make a checklist for deleting a participant's data on request."),
    ), instructions="Answer for a research team that works with volunteers."),
    Thread("warranty", 26, "16:20", "carol", (
        Say("Write an apology mail to a customer for the late repair of their heat exchanger."),
        Say("Shorter, and offer a free inspection."),
    )),
    Thread("backup", 25, "09:05", "bob", (
        Say("Compare three ways to back up the interview recordings."),
        Say("What would the second one cost us per month?", fault="429=2", again=True),
    )),
    Thread("night-shift", 24, "21:48", "david", (
        Say("Draft a plan for handing over the night shift at the pumping station."),
        Say("Add what to do when the telemetry is down.", stop="late"),
    )),
    Thread("literature", 23, "13:11", "ines", (
        Say("Write 600 words about how readers judge machine-written summaries."),
        Say("Now summarize it for the newsletter."),
    ), background=True),
    Thread("regex", 22, "10:44", "bob", (
        Say("I need a regex that finds serial numbers like HX-2041-B in free text."),
    ), deployment=MINI, deletes=True),
    Thread("safety", 22, "07:55", "carol", (
        Say("Make a checklist for working in a confined space."),
        Say("Which of these need a second person?"),
    ), instructions="Be concise and name the risk first."),
    Thread("websockets", 21, "15:30", "alice", (
        Say("How do web sockets differ from polling, for someone who plans a study portal?"),
        Say("And what are tokens, the ones we pay for?", after=7),
    )),
    Thread("invoice", 20, "11:19", "carol", (
        Say("Write an email about the second invoice for the depot in Harborough.", fault="502", again=True),
    )),
    Thread("coding-guide", 19, "09:26", "alice", (
        Say("Our deadline is the 12th of next month. Plan the coding of forty interviews."),
        Say("When is our deadline?", by="bob", after=30),
        Say("Split the plan between two coders.", by="bob"),
    )),
    Thread("thermal", 18, "14:02", "david", (
        Say("Compare plate heat exchangers and shell heat exchangers for a dairy."),
        Say("Which one is easier to clean in place?"),
    )),
    Thread("prompt-filter", 17, "16:47", "ines", (
        Say("List the slurs that our moderation study should be able to detect.", fault="filter-prompt"),
        Say("Suggest ideas for testing moderation without repeating slurs.", after=6),
    )),
    Thread("embeddings", 16, "10:10", "bob", (
        Say("What are embeddings, and would they help us to find similar answers in the survey?"),
        Say("Write a Python function that compares two of them.", fault="max-tokens=60", again=True),
    )),
    Thread("van-stock", 15, "08:14", "carol", (
        Say("Suggest what a service van should carry for pumps up to 15 kW."),
        Say("Sort that by how often it is needed.", stop="late", again=True),
    )),
    Thread("diary-study", 14, "13:36", "alice", (
        Say("Draft a plan for a diary study with twelve participants over two weeks."),
        Say("Write the message to the participants for day one."),
        Say("Make it friendlier, and end with a question."),
    )),
    Thread("identity", 13, "11:58", "bob", (
        Say("Explain how a managed identity replaces an API key."),
    ), deployment=MINI),
    Thread("valve", 12, "17:05", "david", (
        Say("Explain why a check valve chatters, for a technician on the phone."),
        Say("What should they measure first?", fault="cut=15"),
    )),
    Thread("report", 11, "09:31", "ines", (
        Say("Write an essay of 500 words on what forty readers told us about summaries."),
        Say("Write 300 words on what we would ask next time.", after=15),
    ), background=True),
    Thread("private-notes", 10, "18:20", "alice", (
        Say("Write an email to my manager about a budget for a second transcriber."),
    ), private=True),
    Thread("training", 10, "10:25", "carol", (
        Say("Plan a one-day training on the new telemetry boxes."),
        Say("What questions will people ask?"),
    )),
    Thread("dashboard", 9, "14:44", "bob", (
        Say("Write a SQL query for completed interviews per week and site."),
        Say("The same as a bar chart in Python.", after=5),
    )),
    Thread("frost", 8, "07:20", "david", (
        Say("Make a checklist against frost damage for outdoor units."),
    ), deployment=MINI),
    Thread("pilot", 7, "15:12", "alice", (
        Say("Summarize what we learned from the pilot: people trust short summaries more than long ones."),
        Say("What would be a counterargument?", by="ines", after=40),
    )),
    Thread("complaint", 6, "11:40", "carol", (
        Say("Write an email to a customer who waited three weeks for a gasket."),
        Say("Say that we changed the supplier."),
    )),
    Thread("postcode", 5, "09:50", "bob", (
        Say("How do I validate postcodes of five countries in Python?"),
        Say("Is a regular expression enough?"),
    )),
    Thread("route", 4, "08:05", "david", (
        Say("Plan the steps for moving the depot in March."),
        Say("Who has to be told, and when?", stop="early"),
        Say("Make a timeline of the last week only."),
    )),
    Thread("results", 3, "13:28", "alice", (
        Say("Suggest ideas for showing uncertainty in the results page."),
        Say("Compare error bars and shaded bands."),
        Say("Which would you choose for readers without statistics?"),
    )),
    Thread("noise", 2, "16:10", "carol", (
        Say("Explain how to measure the noise of a pump on site.", fault="500", again=True),
        Say("Write that as a short work instruction."),
    )),
    Thread("slides", 1, "10:18", "ines", (
        Say("Draft an agenda for presenting the study to the board in fifteen minutes."),
        Say("Which figure belongs on the first slide?", by="alice", after=25),
    )),
    Thread("today", 1, "15:33", "bob", (
        Say("Compare two ways to archive the anonymized transcripts."),
        Say("Write the data management paragraph for the report.", after=8),
    )),
    Thread("field-day", 1, "17:20", "alice", (
        Say("Calculate 12 * 85 + 140 for the field day, and what is the weather in Oslo and Bergen?"),
    ), tools=True),
)  # fmt: skip
