from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import OuterRef, Subquery


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Responses made before they had a conversation and a team of their own."""
    turn = apps.get_model("conversations", "Turn").objects.filter(pk=OuterRef("turn"))
    apps.get_model("conversations", "Response").objects.filter(conversation=None).update(
        conversation=Subquery(turn.values("conversation")[:1]),
        team=Subquery(turn.values("conversation__team")[:1]),
    )


class Migration(migrations.Migration):
    # PostgreSQL alters no table while checks of rows changed in the same transaction are still due.
    atomic = False

    dependencies = [("conversations", "0004_desk")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin", "chat"), _negated=True),
                    models.Q(
                        ("conversation__isnull", False),
                        ("person__isnull", False),
                        ("team__isnull", False),
                        ("turn__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="chat_has_turn_and_person",
            ),
        ),
    ]
