from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0033_names_of_fields")]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="end_noted_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When the audit trail was told that its date had ended it.",
                null=True,
            ),
        ),
    ]
