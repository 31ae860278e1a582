import time

import pytest

from conversations.emulator.answers import Talk, compose, summary
from conversations.emulator.answers.draft import text
from conversations.emulator.answers.topics import TOPICS
from conversations.emulator.creation import pieces_of


def ask(question: str, *earlier: str, instructions: str = "") -> str:
    return compose(Talk(instructions, question, list(earlier), []))


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("Hello!", "What are you working on?"),
        ("Thanks a lot", "You're welcome"),
        ("Compare PostgreSQL and SQLite for us", "| Concurrent writers | many | one at a time |"),
        ("Kafka or RabbitMQ?", "partitioned log"),
        ("Compare Notion with Confluence for our wiki", "weigh **Notion** against **Confluence**"),
        ("tea vs coffee", "| tea | coffee |"),
        ("Write a Python function that counts working days, with tests", "```python"),
        ("A SQL query for our best customers", "```sql"),
        ("Why is my query so slow? It's SQL", "EXPLAIN (ANALYZE, BUFFERS)"),
        ("debounce in JavaScript", "```javascript"),
        ("A bash script for backups", "```bash"),
        ("a regular expression for dates", "```regex"),
        ("docker compose for our stack", "```yaml"),
        ("Write an e-mail to postpone the launch", "New date for the launch"),
        ("Draft an email to my boss about a new coffee machine", "settle **a new coffee machine** by Friday"),
        ("Make a plan for moving to SharePoint", "plan for **moving to SharePoint**"),
        ("An agenda for our retrospective", "agenda for **our retrospective**"),
        ("Summarise this", "**In short**"),
        ("Give me ideas for the summer party", "ideas for **the summer party**"),
        ("What is a managed identity?", "short-lived tokens"),
        ("Explain photosynthesis, please", "**photosynthesis** is easiest to understand"),
        ("What is 17 * 23?", "**391**"),
        ("1/0", "no answer"),
        ("10 / 4", "**2.5**"),
        ("Bananas", "“Bananas”"),
        ("", "this"),
    ],
)
def test_an_answer_fits_its_question(question: str, held: str) -> None:
    assert held in ask(question)


def test_the_same_conversation_gets_the_same_answer() -> None:
    assert ask("Write some code", "Hi") == ask("Write some code", "Hi")


def test_no_answer_shows_a_placeholder_or_leaves_a_fence_open() -> None:
    for topic in TOPICS:
        for name in topic.texts:
            assert text(name).count("```") % 2 == 0
    for question in (
        "Make a plan",
        "ideas",
        "agenda",
        "e-mail",
        "explain it",
        "hello",
        "compare a and b",
        "",
    ):
        assert not any(name in ask(question) for name in ("{subject}", "{first}", "{second}", "{name}"))


@pytest.mark.parametrize("words", [1, 50, 500, 1500, 6000])
def test_an_essay_has_as_many_words_as_were_asked_for(words: int) -> None:
    essay = ask(f"Write {words} words on trust")
    assert abs(len(essay.split()) - words) <= 1
    assert essay.count("```") % 2 == 0


def test_an_essay_has_as_many_paragraphs_as_were_asked_for() -> None:
    assert len(ask("Write 7 paragraphs about trust").split("\n\n")) == 7


def test_a_long_answer_is_long_and_has_every_kind_of_block() -> None:
    essay = ask("Write a long essay about retention")
    assert len(essay.split()) > 700
    assert all(mark in essay for mark in ("\n## ", "\n- ", "\n1. ", "\n> ", "\n| ", "```python", "*"))


def test_earlier_words_are_quoted() -> None:
    assert ask("Explain tokens", "We ship on *Friday*.").startswith(
        "You told me earlier: “We ship on Friday”."
    )


def test_names_and_facts_are_remembered() -> None:
    told = ("My name is Ada. Our deadline is 3 May.", "Call me Countess")
    assert "**Countess**" in ask("What is my name?", *told)
    assert "**3 May**" in ask("What's our deadline?", *told)
    assert "haven't told me your budget" in ask("What is my budget?", *told)
    assert ask("Hello!", *told).count("Hello, Countess!") == 1
    assert ask("What did I tell you?", *told).count("> ") == 2


def test_instructions_shape_the_answer() -> None:
    assert ask("Explain tokens", instructions="Answer in one sentence.").count("\n") == 0
    assert len(ask("Explain tokens", instructions="Be brief.").split()) < 80
    assert ask("Hello", instructions="Talk like a pirate.").startswith("Arr!")
    assert ask("Hello", instructions="Use capital letters").isupper()
    assert ask("Hello", instructions="Start with “Dear all”").startswith("Dear all\n")
    assert ask("Hello", instructions="Always end your answers with: Cheers.").endswith("\n\nCheers")


def test_instructions_leave_code_alone() -> None:
    shouted = ask("Write a Python function with tests", instructions="Shout!")
    assert "HERE IS A SMALL, TYPED FUNCTION" in shouted or "THIS READS THE FILE" in shouted
    assert "from collections" in shouted


def test_a_megabyte_is_answered_at_once() -> None:
    began = time.monotonic()
    talk = Talk.of("", [{"type": "message", "role": "user", "content": "word " * 200_000 + "What is 2 + 2?"}])
    assert compose(talk)
    assert summary(talk)
    assert time.monotonic() - began < 2


def test_pieces_are_small_and_make_up_the_text() -> None:
    essay = ask("Write a long essay") + "\n  "
    pieces = pieces_of(essay)
    assert "".join(pieces) == essay
    assert max(map(len, pieces)) <= 10
