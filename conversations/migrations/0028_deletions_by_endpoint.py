from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import OuterRef, Subquery


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    response = apps.get_model("conversations", "Response").objects.filter(pk=OuterRef("response"))
    apps.get_model("conversations", "Deletion").objects.update(endpoint=Subquery(response.values("endpoint")))


ENDPOINT: Any = {
    "db_index": False,
    "editable": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "conversations.endpoint",
}


class Migration(migrations.Migration):
    dependencies = [("conversations", "0027_own_deletions")]

    operations = [
        migrations.AddField("deletion", "endpoint", models.ForeignKey(null=True, **ENDPOINT)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("deletion", "endpoint", models.ForeignKey(**ENDPOINT)),
        migrations.RemoveIndex("deletion", "deletion_due_of_job"),
        migrations.AddIndex(
            "deletion",
            models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["job", "endpoint", "due_at"],
                name="deletion_due",
            ),
        ),
    ]
