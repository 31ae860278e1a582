import uuid
from typing import Any

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.fields.json
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversations.models.audit

# Those by which a database that has all of them came to the same tables.
REPLACED = (
    "0001_ledger",
    "0002_background",
    "0003_audit",
    "0004_desk",
    "0005_team_of_responses",
    "0006_imports",
    "0007_deletions",
    "0008_exports",
    "0009_search",
    "0010_search_words",
    "0011_saved_filters",
    "0012_usage",
    "0013_troubled_deletions",
    "0014_reconciling",
    "0015_no_search_by_time",
    "0016_deletion_jobs",
    "0017_holds",
    "0018_erasing",
    "0019_deletion_engine",
    "0020_held_copies",
    "0021_reports",
    "0022_newest_conversations",
    "0023_policies",
    "0024_team_store",
    "0025_choices",
    "0026_notices",
    "0027_own_deletions",
    "0028_deletions_by_endpoint",
    "0029_capabilities",
    "0030_attachments",
    "0031_keeping",
    "0032_tool_calls",
    "0033_names_of_fields",
    "0034_ends_of_holds",
    "0035_mcp_servers",
    "0036_computer_runs",
    "0037_verdicts",
    "0038_computer_noted",
    "0039_deployment_tests",
    "0040_computer_notices",
)

# The index of words, which each database has in its own way. Neither cuts, folds or drops a word itself: what is
# between two spaces is a word. On SQLite triggers keep it; whoever rebuilds the table makes them again.
INDEX = (
    "CREATE INDEX conversations_searchwords ON conversations_searchtext "
    "USING gin (array_to_tsvector(string_to_array(tokens, ' '))) WITH (fastupdate = off)"
)
TABLE = (
    "CREATE VIRTUAL TABLE conversations_searchwords USING fts5("
    "tokens, content='conversations_searchtext', content_rowid='id', tokenize='ascii', detail='none')"
)
REMOVE = (
    "INSERT INTO conversations_searchwords (conversations_searchwords, rowid, tokens) "
    "VALUES ('delete', old.id, old.tokens);"
)
ADD = "INSERT INTO conversations_searchwords (rowid, tokens) VALUES (new.id, new.tokens);"
SQLITE = (
    TABLE,
    f"CREATE TRIGGER search_words_added AFTER INSERT ON conversations_searchtext BEGIN {ADD} END",
    f"CREATE TRIGGER search_words_removed AFTER DELETE ON conversations_searchtext BEGIN {REMOVE} END",
    f"CREATE TRIGGER search_words_changed AFTER UPDATE ON conversations_searchtext BEGIN {REMOVE} {ADD} END",
)
UNDO_POSTGRESQL = ("DROP INDEX conversations_searchwords",)
UNDO_SQLITE = (
    "DROP TRIGGER search_words_added",
    "DROP TRIGGER search_words_removed",
    "DROP TRIGGER search_words_changed",
    "DROP TABLE conversations_searchwords",
)


def make_search_words(_apps: Any, editor: Any) -> None:
    for statement in (INDEX,) if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def undo_search_words(_apps: Any, editor: Any) -> None:
    for statement in UNDO_POSTGRESQL if editor.connection.vendor == "postgresql" else UNDO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("conversations", name) for name in REPLACED]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("host", models.CharField(max_length=200)),
                ("pid", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("beat_at", models.DateTimeField(db_index=True, verbose_name="last heartbeat")),
            ],
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("azure_v1", "Azure OpenAI, v1"),
                            ("azure_dated", "Azure OpenAI, dated api-version"),
                            ("openai", "OpenAI-compatible"),
                        ],
                        max_length=16,
                    ),
                ),
                ("base_url", models.URLField(max_length=300, verbose_name="base URL")),
                ("api_version", models.CharField(blank=True, max_length=40, verbose_name="API version")),
                (
                    "auth",
                    models.CharField(
                        choices=[
                            ("entra", "Entra ID"),
                            ("env", "Key in the environment"),
                            ("key_vault", "Key in Azure Key Vault"),
                            ("none", "No key"),
                        ],
                        max_length=16,
                        verbose_name="sign-in",
                    ),
                ),
                ("token_scope", models.CharField(blank=True, max_length=200)),
                (
                    "key_name",
                    models.CharField(
                        blank=True,
                        help_text="The variable or the vault's secret that holds the key.",
                        max_length=127,
                        verbose_name="name of the key",
                    ),
                ),
                ("vault_url", models.URLField(blank=True, max_length=300, verbose_name="URL of the vault")),
                ("retention_days", models.PositiveSmallIntegerField(default=30)),
                (
                    "settle_seconds",
                    models.PositiveSmallIntegerField(default=60, verbose_name="settle window in seconds"),
                ),
                (
                    "can_list",
                    models.BooleanField(
                        help_text="Whether the server lists its responses; empty: not tried.",
                        null=True,
                        verbose_name="can list what it stores",
                    ),
                ),
                (
                    "chat_reserve",
                    models.PositiveSmallIntegerField(
                        default=50,
                        help_text="Percent of ten seconds' requests that deletions leave free for chats.",
                    ),
                ),
                (
                    "requests_per_minute",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="What the server takes from all of us; empty: as much as it takes without refusing.",
                        null=True,
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="Where the resource is, such as swedencentral, if known.",
                        max_length=40,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["azure_v1", "azure_dated", "openai"])),
                        name="endpoint_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("auth__in", ["entra", "env", "key_vault", "none"])),
                        name="endpoint_auth_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "azure_dated"), ("api_version", ""), _connector="XOR"),
                        name="dated_endpoint_has_a_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("auth__in", ["env", "key_vault"]), _negated=True),
                            models.Q(("key_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="endpoint_names_its_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("requests_per_minute", None), ("requests_per_minute__gt", 0), _connector="OR"
                        ),
                        name="rate_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("chat_reserve__lte", 100)), name="chat_reserve_is_a_percentage"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("title", models.CharField(max_length=120)),
                ("model", models.CharField(blank=True, max_length=120)),
                ("enabled", models.BooleanField(default=True)),
                ("background", models.BooleanField(default=False)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("input_price", models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)),
                ("cached_price", models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)),
                ("output_price", models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deployments",
                        to="conversations.endpoint",
                    ),
                ),
                (
                    "keep",
                    models.CharField(
                        choices=[
                            ("chained", "Stored, and chained to"),
                            ("resent", "Stored, and sent again each time"),
                            ("not_stored", "Not stored, and sent again each time"),
                        ],
                        default="chained",
                        help_text="How its turns are kept upstream, unless a conversation says otherwise.",
                        max_length=16,
                    ),
                ),
                (
                    "safety_identifier",
                    models.BooleanField(
                        default=True,
                        help_text="Whether Azure and OpenAI get a hash that tells one person's requests from another's.",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("endpoint", "name"), name="deployment_once_per_endpoint"),
                    models.CheckConstraint(
                        condition=models.Q(("keep__in", ["chained", "resent", "not_stored"])),
                        name="keep_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=200)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("action", models.CharField(choices=conversations.models.audit.actions, max_length=40)),
                ("subject_type", models.CharField(blank=True, max_length=40)),
                ("subject_id", models.CharField(blank=True, max_length=200)),
                ("team_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("details", models.JSONField(default=dict)),
                ("source", models.CharField(blank=True, max_length=64)),
                ("key_id", models.CharField(max_length=16)),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit trail",
                "indexes": [
                    models.Index(fields=["at"], name="audit_by_time"),
                    models.Index(fields=["action", "-number"], name="audit_by_action"),
                    models.Index(fields=["actor_id", "-number"], name="audit_by_actor"),
                    models.Index(fields=["subject_type", "subject_id", "-number"], name="audit_by_subject"),
                    models.Index(fields=["team_id", "-number"], name="audit_by_team"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
                ("key_id", models.CharField(blank=True, max_length=16)),
                ("seal", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_audit_head")],
            },
        ),
        migrations.CreateModel(
            name="DailyDeletions",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("team_id", models.BigIntegerField(default=0, help_text="0: of no team.")),
                ("lane", models.PositiveSmallIntegerField(default=0)),
                ("deleted", models.BigIntegerField(default=0)),
                ("already_absent", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("confirmed", models.BigIntegerField(default=0)),
                ("still_there", models.BigIntegerField(default=0)),
                (
                    "deployment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.deployment",
                    ),
                ),
            ],
            options={
                "verbose_name": "deletions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "team_id", "deployment", "lane"), name="daily_deletions_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyErrors",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("team_id", models.BigIntegerField(default=0, help_text="0: of no team.")),
                ("lane", models.PositiveSmallIntegerField(default=0)),
                ("kind", models.CharField(max_length=60)),
                ("responses", models.BigIntegerField(default=0)),
                (
                    "deployment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.deployment",
                    ),
                ),
            ],
            options={
                "verbose_name": "errors",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "team_id", "deployment", "lane", "kind"), name="daily_errors_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("team_id", models.BigIntegerField(default=0, help_text="0: of no team.")),
                ("lane", models.PositiveSmallIntegerField(default=0)),
                ("completed", models.BigIntegerField(default=0)),
                ("incomplete", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("cancelled", models.BigIntegerField(default=0)),
                ("interrupted", models.BigIntegerField(default=0)),
                ("input_tokens", models.BigIntegerField(default=0)),
                ("cached_tokens", models.BigIntegerField(default=0)),
                ("output_tokens", models.BigIntegerField(default=0)),
                ("reasoning_tokens", models.BigIntegerField(default=0)),
                ("cost", models.DecimalField(decimal_places=6, default=0, max_digits=20)),
                ("first_250ms", models.BigIntegerField(default=0)),
                ("first_500ms", models.BigIntegerField(default=0)),
                ("first_1s", models.BigIntegerField(default=0)),
                ("first_2s", models.BigIntegerField(default=0)),
                ("first_4s", models.BigIntegerField(default=0)),
                ("first_8s", models.BigIntegerField(default=0)),
                ("first_later", models.BigIntegerField(default=0)),
                (
                    "deployment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.deployment",
                    ),
                ),
            ],
            options={
                "verbose_name": "usage",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "team_id", "deployment", "lane"), name="daily_usage_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredPerDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("team_id", models.BigIntegerField(default=0, help_text="0: of no team.")),
                ("lane", models.PositiveSmallIntegerField(default=0)),
                ("responses", models.BigIntegerField(default=0)),
                ("unlearned", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                (
                    "deployment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.deployment",
                    ),
                ),
            ],
            options={
                "verbose_name": "stored",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "team_id", "deployment", "lane"), name="stored_per_day_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionBounds",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "floor_days",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="No policy deletes an answer sooner than that many days after it.",
                    ),
                ),
                (
                    "ceiling_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="No policy waits for longer. The endpoint's own retention bounds it as well.",
                    ),
                ),
            ],
            options={
                "verbose_name": "bounds of policies",
                "verbose_name_plural": "bounds of policies",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_row_of_bounds"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("floor_days__gte", 1), ("floor_days__lte", models.F("ceiling_days"))
                        ),
                        name="floor_below_ceiling",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Where this is written, or who says so.", max_length=300),
                ),
                ("checked_on", models.DateField(help_text="The day on which it was true.")),
                ("note", models.TextField(blank=True)),
                (
                    "edited",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="Changed here: new versions of us leave it as it is.",
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "verbose_name": "API version",
                "verbose_name_plural": "API versions",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="KnownModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Where this is written, or who says so.", max_length=300),
                ),
                ("checked_on", models.DateField(help_text="The day on which it was true.")),
                ("note", models.TextField(blank=True)),
                (
                    "edited",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="Changed here: new versions of us leave it as it is.",
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
                ("versions", models.JSONField(blank=True, default=list, help_text="Their dates, as a list.")),
                (
                    "context_window",
                    models.PositiveIntegerField(blank=True, help_text="In tokens.", null=True),
                ),
                ("max_output_tokens", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "retires_on",
                    models.DateField(
                        blank=True, help_text="The day on which deployments of it stop to answer.", null=True
                    ),
                ),
                (
                    "efforts",
                    models.JSONField(
                        blank=True,
                        help_text="What reasoning.effort may be, as a list; an empty list: it doesn't reason.",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "model",
                "verbose_name_plural": "models",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Where this is written, or who says so.", max_length=300),
                ),
                ("checked_on", models.DateField(help_text="The day on which it was true.")),
                ("note", models.TextField(blank=True)),
                (
                    "edited",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="Changed here: new versions of us leave it as it is.",
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("value", models.PositiveBigIntegerField()),
                ("unit", models.CharField(blank=True, max_length=30)),
            ],
            options={
                "verbose_name": "limit",
                "verbose_name_plural": "limits",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Where this is written, or who says so.", max_length=300),
                ),
                ("checked_on", models.DateField(help_text="The day on which it was true.")),
                ("note", models.TextField(blank=True)),
                (
                    "edited",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="Changed here: new versions of us leave it as it is.",
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Inability",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feature", models.CharField(max_length=40)),
                (
                    "reason",
                    models.CharField(help_text="A sentence that people read who want it.", max_length=300),
                ),
                (
                    "source",
                    models.CharField(blank=True, help_text="Empty: the same as of the rest.", max_length=300),
                ),
                ("checked_on", models.DateField(blank=True, null=True)),
                (
                    "api_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inabilities",
                        to="conversations.apiversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inabilities",
                        to="conversations.knownmodel",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inabilities",
                        to="conversations.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "inability",
                "verbose_name_plural": "what it can't do",
                "ordering": ["feature"],
                "constraints": [
                    models.UniqueConstraint(fields=("model", "feature"), name="inability_of_model_once"),
                    models.UniqueConstraint(
                        fields=("api_version", "feature"), name="inability_of_version_once"
                    ),
                    models.UniqueConstraint(fields=("region", "feature"), name="inability_of_region_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("api_version", None), ("model__isnull", False), ("region", None)),
                            models.Q(("api_version__isnull", False), ("model", None), ("region", None)),
                            models.Q(("api_version", None), ("model", None), ("region__isnull", False)),
                            _connector="OR",
                        ),
                        name="inability_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size", models.PositiveBigIntegerField()),
                (
                    "file",
                    models.CharField(blank=True, help_text="Empty until it is written.", max_length=200),
                ),
                ("thumbnail", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["made_at"], name="stored_file_by_time")],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "store_upstream",
                    models.BooleanField(
                        default=True,
                        help_text="Off: the team's messages are sent with store=false, so upstream keeps nothing to delete. The price: every message sends the whole conversation again, which costs more tokens and time the longer it is; answers can't run in the background, so one whose connection breaks ends with what was seen; and nothing can be retrieved upstream later. What is stored there already stays.",
                        verbose_name="store answers upstream",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("member", "Member"),
                            ("auditor", "Auditor"),
                            ("operator", "Operator"),
                            ("admin", "Admin"),
                        ],
                        default="member",
                        max_length=16,
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "limited_to",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Teams whose responses an auditor or operator sees at the desk; none named: all teams.",
                        related_name="limited_staff",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["member", "auditor", "operator", "admin"])),
                        name="user_role_is_known",
                    )
                ],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "user"), name="one_membership_per_team")
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "client_key",
                    models.UUIDField(help_text="Made by the browser, so that asking twice makes one row."),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[("team", "Team"), ("private", "Only me")], default="team", max_length=16
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200)),
                ("instructions", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("updated_at", models.DateTimeField(verbose_name="last used")),
                ("archived_at", models.DateTimeField(blank=True, null=True, verbose_name="archived")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="conversations.deployment",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="conversations.team",
                    ),
                ),
                (
                    "background",
                    models.BooleanField(
                        blank=True,
                        help_text="Whether answers go on upstream without us; empty: the deployment's.",
                        null=True,
                    ),
                ),
                (
                    "choices",
                    models.JSONField(
                        blank=True, default=dict, help_text="What is asked for beside the words, by name."
                    ),
                ),
                (
                    "deleted_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="By its owner: nobody may open it from then on. Its own_deletions say what follows.",
                        null=True,
                        verbose_name="deleted",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "-updated_at"], name="conversation_by_owner"),
                    models.Index(fields=["team", "-updated_at"], name="conversation_by_team"),
                    models.Index(fields=["-created_at", "id"], name="conversation_by_start"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "client_key"), name="conversation_once_per_key"),
                    models.CheckConstraint(
                        condition=models.Q(("visibility__in", ["team", "private"])),
                        name="visibility_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("client_key", models.UUIDField()),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="Counts from 1 in the order of arrival in the conversation."
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="asked")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turns",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="conversations.turn",
                    ),
                ),
                (
                    "choices",
                    models.JSONField(
                        blank=True, default=dict, help_text="Where they differ from the conversation's."
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "client_key"), name="turn_once_per_key"),
                    models.UniqueConstraint(fields=("conversation", "number"), name="turn_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="turn_is_not_its_own_parent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Response",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                (
                    "client_key",
                    models.UUIDField(help_text="Of the request to run the turn again.", null=True),
                ),
                (
                    "key_alias",
                    models.CharField(
                        blank=True, help_text="Which credential was used, by name.", max_length=140
                    ),
                ),
                ("response_id", models.CharField(blank=True, max_length=200, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("queued", "Queued"),
                            ("in_progress", "In progress"),
                            ("completed", "Completed"),
                            ("incomplete", "Incomplete"),
                            ("failed", "Failed"),
                            ("cancelled", "Stopped"),
                            ("interrupted", "Interrupted"),
                        ],
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "upstream_state",
                    models.CharField(
                        choices=[
                            ("not_sent", "Not sent"),
                            ("not_learned", "Id never learned"),
                            ("stored", "Stored"),
                            ("not_stored", "Not stored"),
                            ("not_visible", "Not yet visible"),
                            ("deleted", "Deleted"),
                            ("absent", "Confirmed absent"),
                            ("expired", "Expired"),
                            ("unknown", "Unknown"),
                        ],
                        default="not_sent",
                        max_length=16,
                    ),
                ),
                (
                    "upstream_seen_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="upstream last asked"),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires upstream")),
                ("stored", models.BooleanField(default=True)),
                ("background", models.BooleanField(default=False)),
                ("model", models.CharField(blank=True, max_length=120)),
                ("instructions", models.TextField(blank=True)),
                ("tools", models.JSONField(blank=True, default=list)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                (
                    "history",
                    models.CharField(
                        choices=[
                            ("fresh", "Nothing came before"),
                            ("chained", "By previous_response_id"),
                            ("rebuilt", "Sent again from the ledger"),
                            ("resent", "Sent again, as chosen"),
                        ],
                        default="fresh",
                        max_length=16,
                    ),
                ),
                ("history_reason", models.CharField(blank=True, max_length=300)),
                ("input_tokens", models.PositiveBigIntegerField(null=True)),
                ("cached_tokens", models.PositiveBigIntegerField(null=True)),
                ("output_tokens", models.PositiveBigIntegerField(null=True)),
                ("reasoning_tokens", models.PositiveBigIntegerField(null=True)),
                ("usage_estimated", models.BooleanField(default=False)),
                ("cost", models.DecimalField(decimal_places=6, max_digits=14, null=True)),
                ("error", models.JSONField(blank=True, null=True)),
                ("incomplete_details", models.JSONField(blank=True, null=True)),
                ("request_ids", models.JSONField(blank=True, default=dict)),
                (
                    "repaired",
                    models.PositiveIntegerField(
                        default=0, help_text="NUL and lone surrogates replaced in what came in."
                    ),
                ),
                ("queued_at", models.DateTimeField(verbose_name="asked")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("first_delta_at", models.DateTimeField(null=True, verbose_name="first words")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("stop_requested_at", models.DateTimeField(null=True, verbose_name="stop asked for")),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("epoch", models.PositiveIntegerField(default=0)),
                (
                    "checkpoint",
                    models.JSONField(
                        blank=True, help_text="The open transcript as last saved while running.", null=True
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="conversations.deployment",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="conversations.endpoint",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="conversations.response",
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stopped",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="conversations.turn",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="responses",
                        to="conversations.worker",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("chat", "Chat"), ("import", "Imported")], default="chat", max_length=16
                    ),
                ),
                ("size", models.PositiveBigIntegerField(default=0, help_text="Bytes of its items as JSON.")),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="conversations.team",
                    ),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        help_text="When its words were erased here.", null=True, verbose_name="erased here"
                    ),
                ),
                (
                    "round",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Each brings what the tools said that the one before called."
                    ),
                ),
                (
                    "keep",
                    models.CharField(
                        choices=[
                            ("chained", "Stored, and chained to"),
                            ("resent", "Stored, and sent again each time"),
                            ("not_stored", "Not stored, and sent again each time"),
                        ],
                        default="chained",
                        max_length=16,
                    ),
                ),
                (
                    "verdict",
                    models.JSONField(
                        blank=True,
                        help_text="Whether the answer fits the schema that was asked for.",
                        null=True,
                    ),
                ),
            ],
            options={
                "ordering": ["turn", "attempt", "round"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ("waiting", "queued", "in_progress"))),
                        fields=["status", "queued_at"],
                        name="response_by_status",
                    ),
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False)),
                        fields=["expires_at"],
                        name="response_by_expiry",
                    ),
                    models.Index(fields=["person", "-queued_at", "-id"], name="person_by_time"),
                    models.Index(fields=["team", "-queued_at", "-id"], name="team_by_time"),
                    models.Index(fields=["conversation", "-queued_at", "-id"], name="conversation_by_time"),
                    models.Index(fields=["deployment", "-queued_at", "-id"], name="deployment_by_time"),
                    models.Index(
                        fields=["upstream_state", "-queued_at", "-id"], name="upstream_state_by_time"
                    ),
                    models.Index(fields=["-queued_at", "-id"], name="response_by_time"),
                    models.Index(fields=["endpoint", "-queued_at", "-id"], name="endpoint_by_time"),
                    models.Index(fields=["model", "-queued_at", "-id"], name="model_by_time"),
                    models.Index(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "waiting",
                                    "queued",
                                    "in_progress",
                                    "incomplete",
                                    "failed",
                                    "cancelled",
                                    "interrupted",
                                ],
                            )
                        ),
                        fields=["status", "-queued_at", "-id"],
                        name="unusual_status_by_time",
                    ),
                    models.Index(
                        condition=models.Q(("background", True)),
                        fields=["-queued_at", "-id"],
                        name="background_by_time",
                    ),
                    models.Index(
                        condition=models.Q(("origin", "import")),
                        fields=["-queued_at", "-id"],
                        name="import_by_time",
                    ),
                    models.Index(
                        condition=models.Q(("error__isnull", False)),
                        fields=["-queued_at", "-id"],
                        name="error_by_time",
                    ),
                    models.Index(
                        django.db.models.fields.json.KeyTransform("kind", "error"),
                        models.OrderBy(models.F("queued_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("error__isnull", False)),
                        name="error_kind_by_time",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("expires_at__isnull", False),
                            ("upstream_state__in", ("not_learned", "stored", "not_visible", "unknown")),
                        ),
                        fields=["expires_at", "id"],
                        name="response_expiring",
                    ),
                    models.Index(
                        django.db.models.expressions.CombinedExpression(
                            models.F("input_tokens"), "+", models.F("output_tokens")
                        ),
                        name="response_by_tokens",
                    ),
                    models.Index(fields=["cost"], name="response_by_cost"),
                    models.Index(fields=["size"], name="response_by_size"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("endpoint", "response_id"), name="response_id_once_per_endpoint"
                    ),
                    models.UniqueConstraint(fields=("turn", "client_key"), name="retry_once_per_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("waiting", "queued", "in_progress"))),
                        fields=("turn",),
                        name="one_open_response_per_turn",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "waiting",
                                    "queued",
                                    "in_progress",
                                    "completed",
                                    "incomplete",
                                    "failed",
                                    "cancelled",
                                    "interrupted",
                                ],
                            )
                        ),
                        name="status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "upstream_state__in",
                                [
                                    "not_sent",
                                    "not_learned",
                                    "stored",
                                    "not_stored",
                                    "not_visible",
                                    "deleted",
                                    "absent",
                                    "expired",
                                    "unknown",
                                ],
                            )
                        ),
                        name="upstream_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ("completed", "incomplete", "failed", "cancelled", "interrupted")),
                            ("ended_at__isnull", True),
                            _connector="XOR",
                        ),
                        name="ended_means_terminal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "in_progress"), _negated=True),
                            ("claim__isnull", False),
                            _connector="OR",
                        ),
                        name="running_means_claimed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("upstream_state", "stored"), _negated=True),
                            ("response_id__isnull", False),
                            _connector="OR",
                        ),
                        name="stored_means_learned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("response_id", ""), _negated=True),
                        name="response_id_is_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("background", False), ("stored", True), _connector="OR"),
                        name="background_means_stored",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("previous", models.F("id")), _negated=True),
                        name="response_is_not_its_own_previous",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["chat", "import"])), name="origin_is_known"
                    ),
                    models.CheckConstraint(
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
                    models.UniqueConstraint(
                        fields=("turn", "attempt", "round"), name="round_once_per_attempt"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("history__in", ["fresh", "chained", "rebuilt", "resent"])),
                        name="history_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "direction",
                    models.CharField(choices=[("input", "Input"), ("output", "Output")], max_length=8),
                ),
                ("position", models.PositiveIntegerField()),
                ("item_id", models.CharField(blank=True, max_length=200)),
                ("type", models.CharField(max_length=60)),
                ("role", models.CharField(blank=True, max_length=20)),
                ("payload", models.JSONField()),
                ("text", models.TextField(blank=True)),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="conversations.response",
                    ),
                ),
            ],
            options={
                "ordering": ["response", "direction", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("response", "direction", "position"), name="item_once_per_position"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["input", "output"])), name="direction_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("granted_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="read_grants",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="read_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="read_grants",
                        to="conversations.response",
                    ),
                ),
            ],
            options={
                "ordering": ["-granted_at"],
                "indexes": [models.Index(fields=["person", "until"], name="grant_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("conversation", None), ("response", None), _connector="XOR"),
                        name="grant_has_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="grant_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("granted_at"))),
                        name="grant_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "Reading"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="reading",
                        max_length=16,
                    ),
                ),
                ("claim", models.UUIDField(editable=False, null=True)),
                ("beat_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("actor", models.CharField(max_length=200)),
                (
                    "source",
                    models.CharField(
                        help_text="What the text was: a file's name, or pasted.", max_length=200
                    ),
                ),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the text")),
                (
                    "occurrences",
                    models.PositiveBigIntegerField(default=0, help_text="Ids in the text, doubles counted."),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="conversations.deployment",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="conversations.endpoint",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["reading", "running", "done", "failed"])),
                        name="import_status_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedId",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("response_id", models.CharField(max_length=200)),
                ("line", models.PositiveBigIntegerField()),
                ("column", models.PositiveBigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("imported", "Imported"),
                            ("known", "Known"),
                            ("missing", "Missing"),
                            ("malformed", "Malformed"),
                            ("forbidden", "Forbidden"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(null=True)),
                (
                    "row",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imported_as",
                        to="conversations.response",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ids",
                        to="conversations.importjob",
                    ),
                ),
            ],
            options={
                "ordering": ["job", "id"],
                "indexes": [models.Index(fields=["job", "outcome", "id"], name="imported_by_outcome")],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "response_id"), name="id_once_per_import"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                [
                                    "pending",
                                    "imported",
                                    "known",
                                    "missing",
                                    "malformed",
                                    "forbidden",
                                    "failed",
                                ],
                            )
                        ),
                        name="outcome_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LooseEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("previous_response_id", models.CharField(max_length=200)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.endpoint",
                    ),
                ),
                (
                    "response",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="loose_end",
                        to="conversations.response",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["endpoint", "previous_response_id"], name="loose_end_by_id")
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "Reading"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="reading",
                        max_length=16,
                    ),
                ),
                ("claim", models.UUIDField(editable=False, null=True)),
                ("beat_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("actor", models.CharField(max_length=200)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("selection", "A selection at the desk"),
                            ("conversation", "A conversation, by one who may open it"),
                            ("own", "All conversations of one's own"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "query",
                    models.TextField(blank=True, help_text="The selection as the list's address has it."),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("jsonl", "JSON lines"),
                            ("csv", "CSV, for spreadsheets"),
                            ("md", "Markdown"),
                            ("html", "HTML, for reading and printing"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("expected", models.PositiveBigIntegerField(default=0, help_text="Responses when it began.")),
                ("written", models.PositiveBigIntegerField(default=0, help_text="Responses so far.")),
                (
                    "file",
                    models.CharField(
                        blank=True, help_text="In the storage; empty once deleted.", max_length=200
                    ),
                ),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                ("kept_until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["by", "-created_at"], name="export_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["reading", "running", "done", "failed"])),
                        name="export_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["jsonl", "csv", "md", "html"])),
                        name="export_format_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["selection", "conversation", "own"])),
                        name="export_scope_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scope", "selection"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="export_of_others_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportedConversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("responses", models.PositiveIntegerField()),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exported",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to="conversations.export",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("export", "conversation"), name="conversation_once_per_export"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("granted_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="search_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-granted_at"],
                "indexes": [models.Index(fields=["person", "until"], name="search_grant_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="search_grant_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("granted_at"))),
                        name="search_grant_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("tokens", models.TextField()),
                (
                    "response",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_text",
                        to="conversations.response",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=2000)),
                ("shared", models.BooleanField(default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="saved_filter_once_per_name"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="saved_filter_has_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "Reading"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="reading",
                        max_length=16,
                    ),
                ),
                ("claim", models.UUIDField(editable=False, null=True)),
                ("beat_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("actor", models.CharField(max_length=200)),
                (
                    "listed",
                    models.PositiveBigIntegerField(default=0, help_text="Responses that upstream lists."),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reconciliations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reconciliations",
                        to="conversations.endpoint",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reconciliations",
                        to="conversations.importjob",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["reading", "running", "done", "failed"])),
                        name="reconciliation_status_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("orphan", "Upstream only"),
                            ("unlearned", "Ours, its id never learned"),
                            ("ghost", "Here as stored, not upstream"),
                            ("still_there", "Here as gone, still upstream"),
                        ],
                        max_length=16,
                    ),
                ),
                ("response_id", models.CharField(max_length=200)),
                (
                    "row",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="conversations.response",
                    ),
                ),
                (
                    "reconciliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="differences",
                        to="conversations.reconciliation",
                    ),
                ),
            ],
            options={
                "ordering": ["reconciliation", "id"],
                "indexes": [models.Index(fields=["reconciliation", "kind", "id"], name="difference_by_kind")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reconciliation", "response_id"), name="id_once_per_reconciliation"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["orphan", "unlearned", "ghost", "still_there"])),
                        name="difference_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Not looked at"),
                            ("complete", "All of it is in the ledger"),
                            ("fetched", "What was missing is fetched"),
                            ("partial", "Fetched, but some of it is kept elsewhere"),
                            ("trouble", "Could not be fetched yet"),
                            ("lost", "Upstream has it no more"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                (
                    "missing",
                    models.JSONField(blank=True, default=list, help_text="What the ledger lacks, in words."),
                ),
                ("trouble", models.CharField(blank=True, max_length=300)),
                ("body", models.JSONField(blank=True, null=True)),
                ("input", models.JSONField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="looked at again")),
                (
                    "response",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="held_copy",
                        to="conversations.response",
                    ),
                ),
            ],
            options={
                "verbose_name": "local copy",
                "verbose_name_plural": "local copies",
                "ordering": ["-looked_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["trouble", "lost", "partial"])),
                        fields=["-looked_at"],
                        name="held_copy_troubled",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "complete", "fetched", "partial", "trouble", "lost"])
                        ),
                        name="copy_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["fetched", "partial"]), _negated=True),
                            ("body__isnull", False),
                            _connector="OR",
                        ),
                        name="fetched_means_a_body",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        help_text="Answers are deleted upstream that many days after they were given."
                    ),
                ),
                (
                    "cap",
                    models.PositiveIntegerField(
                        default=1000,
                        help_text="At most that many in one run; a run that would delete more asks first.",
                    ),
                ),
                (
                    "erase",
                    models.BooleanField(
                        default=False,
                        help_text="Whether their text here goes as well, for good.",
                        verbose_name="erase here too",
                    ),
                ),
                (
                    "dry_run",
                    models.BooleanField(
                        default=True,
                        help_text="Only plan, and say once a day what would go. Nothing is deleted.",
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies_approved",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies_changed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="conversations.deployment",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="conversations.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "retention policy",
                "verbose_name_plural": "retention policies",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("team__isnull", False), ("deployment__isnull", False), _connector="OR"
                        ),
                        name="policy_has_a_scope",
                    ),
                    models.CheckConstraint(condition=models.Q(("days__gte", 1)), name="policy_waits_a_day"),
                    models.CheckConstraint(condition=models.Q(("cap__gte", 1)), name="policy_has_a_cap"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_at", None), ("approved_by__isnull", False), _connector="XOR"
                        ),
                        name="policy_approved_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("changed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="policy_approved_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("second_signature", "A deletion waits for a second person"),
                            ("policy_approval", "A policy waits for approval"),
                            ("tool_approval", "A tool waits for approval"),
                            ("computer_check", "A task in a browser waits for a person"),
                            ("backlog", "A backlog won't finish before the first expiry"),
                            ("job_halted", "A deletion stopped by itself"),
                            ("policy_failed", "A policy stands still"),
                            ("job_done", "A deletion is done"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("person", "One person"),
                            ("team", "The members of the team"),
                            ("deleters", "Who may execute and approve deletions in all teams"),
                            ("policy_setters", "Who may write and approve policies"),
                        ],
                        max_length=16,
                    ),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=120)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("path", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "but_not",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who asked, and can't be the one who answers.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["audience", "kind"],
                        name="notice_open",
                    ),
                    models.Index(fields=["person", "-created_at"], name="notice_of_person"),
                    models.Index(fields=["settled_by", "-settled_at"], name="notice_settled"),
                    models.Index(fields=["key", "-created_at"], name="notice_by_key"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "person"), ("person__isnull", False)),
                            models.Q(("audience", "team"), ("person", None), ("team__isnull", False)),
                            models.Q(("audience__in", ["deleters", "policy_setters"]), ("person", None)),
                            _connector="OR",
                        ),
                        name="notice_for_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False), ("settled_at", None)),
                        fields=("key", "person"),
                        name="one_open_notice_of_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person", None), ("settled_at", None)),
                        fields=("key", "audience"),
                        name="one_open_notice_of_audience",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "second_signature",
                                    "policy_approval",
                                    "tool_approval",
                                    "computer_check",
                                    "backlog",
                                    "job_halted",
                                    "policy_failed",
                                    "job_done",
                                ],
                            )
                        ),
                        name="notice_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChannel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("teams", "Microsoft Teams (Workflows)"),
                            ("slack", "Slack"),
                            ("json", "Plain JSON, signed"),
                            ("email", "E-mail"),
                        ],
                        max_length=8,
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "auth",
                    models.CharField(
                        blank=True,
                        choices=[("env", "In the environment"), ("key_vault", "In Azure Key Vault")],
                        max_length=16,
                        verbose_name="where its URL is",
                    ),
                ),
                (
                    "key_name",
                    models.CharField(
                        blank=True,
                        help_text="The variable, such as WEBHOOK_TEAMS, or the vault's secret that holds the URL; never the URL.",
                        max_length=127,
                        verbose_name="name of the URL",
                    ),
                ),
                (
                    "signing_name",
                    models.CharField(
                        blank=True,
                        help_text="For plain JSON: the variable or secret, in the same place, that signs messages.",
                        max_length=127,
                        verbose_name="name of the signing key",
                    ),
                ),
                ("vault_url", models.URLField(blank=True, max_length=300, verbose_name="URL of the vault")),
                ("kinds", models.JSONField(default=list, help_text="Which notices go there.")),
                ("enabled", models.BooleanField(default=True)),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only what concerns this team; none: what concerns any.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_channels",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice channel",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["teams", "slack", "json", "email"])),
                        name="channel_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "email"), models.Q(("address", ""), _negated=True), ("key_name", "")
                            ),
                            models.Q(
                                models.Q(("kind", "email"), _negated=True),
                                models.Q(("key_name", ""), _negated=True),
                                ("auth__in", ["env", "key_vault"]),
                            ),
                            _connector="OR",
                        ),
                        name="channel_has_a_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "json"), ("signing_name", ""), _connector="OR"),
                        name="only_json_is_signed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, help_text="Of the last attempt.", max_length=300)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        help_text="Empty: a test.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="conversations.notice",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="conversations.noticechannel",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["due_at"], name="delivery_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "failed")), fields=["-ended_at"], name="delivery_failed"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "sent", "failed", "dropped"])),
                        name="delivery_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel", None), ("person", None), _connector="XOR"),
                        name="delivery_to_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("ended_at", None), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("due_at", None),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="delivery_waits_or_ended",
                    ),
                    models.UniqueConstraint(fields=("notice", "channel"), name="delivery_once_per_channel"),
                    models.UniqueConstraint(fields=("notice", "person"), name="delivery_once_per_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_choice",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by_mail",
                    models.CharField(
                        choices=[
                            ("nothing", "Nothing"),
                            ("waiting", "What waits for me"),
                            ("all", "That, and what is done"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("by_mail__in", ["nothing", "waiting", "all"])),
                        name="mail_choice_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeSeen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seen",
                        to="conversations.notice",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "person"), name="notice_seen_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnDeletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor", models.CharField(max_length=200)),
                ("deleted_at", models.DateTimeField()),
                ("undo_until", models.DateTimeField()),
                ("restored_at", models.DateTimeField(null=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_deletions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_deletions",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name": "conversation deleted by its owner",
                "ordering": ["-deleted_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="own_deletion_due",
                    ),
                    models.Index(fields=["by", "-deleted_at"], name="own_deletion_by_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("restored_at", None)),
                        fields=("conversation",),
                        name="deleted_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("restored_at", None), ("begun_at", None), _connector="OR"),
                        name="restored_before_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at", None), ("begun_at__isnull", False), _connector="OR"),
                        name="ended_means_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_at__isnull", False),
                            models.Q(
                                ("restored_at__isnull", False), ("ended_at__isnull", False), _connector="OR"
                            ),
                            _connector="XOR",
                        ),
                        name="due_until_it_is_over",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeletionJob",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("selection", "A selection at the desk"),
                            ("conversation", "A conversation"),
                            ("person", "A person"),
                            ("tree", "A whole tree"),
                            ("branch", "A response and what follows it"),
                            ("expiring", "What expires soon"),
                            ("policy", "A retention policy"),
                            ("own", "A member's own delete"),
                        ],
                        max_length=16,
                    ),
                ),
                ("query", models.TextField(blank=True)),
                ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("to_at", models.DateTimeField(blank=True, null=True, verbose_name="to")),
                (
                    "everything",
                    models.BooleanField(
                        default=False, help_text="Asked for by name, instead of bounds in time."
                    ),
                ),
                (
                    "erase",
                    models.BooleanField(
                        default=False,
                        help_text="Whether the text here goes as well.",
                        verbose_name="erases here, too",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planning", "Being planned"),
                            ("planned", "Planned"),
                            ("waiting", "Waiting for a second person"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("halted", "Stopped by itself"),
                            ("reading_back", "Reading back"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Planning failed"),
                        ],
                        default="planning",
                        max_length=16,
                    ),
                ),
                (
                    "actor",
                    models.CharField(
                        help_text="Who planned it, as the audit trail names them.", max_length=200
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="planned")),
                ("frozen_at", models.DateTimeField(blank=True, null=True, verbose_name="frozen")),
                ("hash", models.CharField(blank=True, max_length=64)),
                (
                    "expected",
                    models.PositiveBigIntegerField(default=0, help_text="Responses when planning began."),
                ),
                (
                    "total",
                    models.PositiveBigIntegerField(
                        default=0, help_text="Deletions in the plan, held ones included."
                    ),
                ),
                ("held", models.PositiveBigIntegerField(default=0)),
                (
                    "unlearned",
                    models.PositiveBigIntegerField(
                        default=0, help_text="Responses that match but whose ids were never learned."
                    ),
                ),
                ("size", models.PositiveBigIntegerField(default=0, help_text="Bytes of what would go.")),
                ("first_expiry_at", models.DateTimeField(blank=True, null=True)),
                (
                    "preview",
                    models.JSONField(
                        blank=True, default=dict, help_text="What the plan says, as it was frozen."
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("executed_at", models.DateTimeField(blank=True, null=True, verbose_name="executed")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("asked_for_approval_at", models.DateTimeField(blank=True, null=True)),
                (
                    "trouble",
                    models.CharField(
                        blank=True, help_text="Why it stopped by itself, or failed.", max_length=300
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("claim", models.UUIDField(editable=False, null=True)),
                ("beat_at", models.DateTimeField(editable=False, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs_approved",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "executed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs_executed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs_planned",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "root",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.response",
                        verbose_name="first response",
                    ),
                ),
                (
                    "report",
                    models.CharField(blank=True, help_text="The file in the storage.", max_length=200),
                ),
                (
                    "report_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the report"),
                ),
                ("report_size", models.PositiveBigIntegerField(default=0)),
                ("reported_at", models.DateTimeField(blank=True, null=True, verbose_name="report made")),
                (
                    "policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="conversations.retentionpolicy",
                    ),
                ),
                (
                    "own",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="conversations.owndeletion",
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk deletion",
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(fields=["state", "-created_at"], name="job_by_state"),
                    models.Index(
                        condition=models.Q(("hash", ""), _negated=True), fields=["hash"], name="job_by_hash"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "source__in",
                                [
                                    "selection",
                                    "conversation",
                                    "person",
                                    "tree",
                                    "branch",
                                    "expiring",
                                    "policy",
                                    "own",
                                ],
                            )
                        ),
                        name="job_source_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "planning",
                                    "planned",
                                    "waiting",
                                    "running",
                                    "paused",
                                    "halted",
                                    "reading_back",
                                    "done",
                                    "cancelled",
                                    "failed",
                                ],
                            )
                        ),
                        name="job_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["tree", "branch"]), ("root__isnull", True), _connector="XOR"
                        ),
                        name="tree_has_a_root",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("frozen_at", None), ("hash", "")),
                            ("frozen_at__isnull", False),
                            _connector="OR",
                        ),
                        name="frozen_means_hashed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("executed_at", None),
                            models.Q(("frozen_at__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="executed_means_frozen_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["running", "paused", "halted", "reading_back", "done"]),
                                _negated=True,
                            ),
                            ("executed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="under_way_means_executed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("done", "cancelled", "failed")),
                            ("ended_at__isnull", True),
                            _connector="XOR",
                        ),
                        name="job_ended_means_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("executed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", "policy"), ("policy__isnull", True), _connector="XOR"),
                        name="policy_of_a_policys_run",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", "own"), ("own", None), _connector="OR"),
                        name="own_deletion_of_its_job",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "actor",
                    models.CharField(
                        help_text="Who asked for it, as the audit trail names them.", max_length=200
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Of a job's deletion: the job has it.", max_length=500
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("pending", "Waiting"),
                            ("in_flight", "On its way"),
                            ("deleted", "Deleted"),
                            ("already_absent", "Already absent"),
                            ("not_yet_visible", "Not yet visible"),
                            ("held", "Held"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("explanation", models.CharField(blank=True, max_length=300)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("http_status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("answers", models.JSONField(blank=True, default=list)),
                (
                    "read_back",
                    models.CharField(
                        choices=[
                            ("none", "Not asked"),
                            ("pending", "Waiting"),
                            ("confirmed", "Confirmed absent"),
                            ("still_there", "Still there"),
                        ],
                        default="none",
                        max_length=16,
                    ),
                ),
                ("read_back_at", models.DateTimeField(blank=True, null=True)),
                ("read_back_tries", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deletions_requested",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deletions",
                        to="conversations.response",
                    ),
                ),
                ("held_when_planned", models.BooleanField(default=False)),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deletions",
                        to="conversations.deletionjob",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.endpoint",
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at", "-id"],
                "indexes": [
                    models.Index(fields=["-requested_at", "-id"], name="deletion_by_time"),
                    models.Index(
                        condition=models.Q(
                            ("outcome", "failed"), ("read_back", "still_there"), _connector="OR"
                        ),
                        fields=["-requested_at"],
                        name="deletion_troubled",
                    ),
                    models.Index(fields=["job", "outcome", "id"], name="deletion_by_job"),
                    models.Index(
                        condition=models.Q(("job__isnull", False)),
                        fields=["job", "decided_at"],
                        name="deletion_by_decision",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("job__isnull", False), models.Q(("read_back", "none"), _negated=True)
                        ),
                        fields=["job", "read_back"],
                        name="deletion_read_back",
                    ),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["job", "endpoint", "due_at"],
                        name="deletion_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome__in", ("pending", "in_flight", "not_yet_visible"))),
                        fields=("response",),
                        name="one_undecided_deletion",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("read_back__in", ["none", "pending", "confirmed", "still_there"])
                        ),
                        name="read_back_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "in_flight"), _negated=True),
                            ("sent_at__isnull", False),
                            _connector="OR",
                        ),
                        name="in_flight_means_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome__in", ("pending", "in_flight", "not_yet_visible")), _negated=True
                            ),
                            ("due_at__isnull", False),
                            _connector="OR",
                        ),
                        name="what_is_undecided_is_due",
                    ),
                    models.UniqueConstraint(fields=("job", "response"), name="response_once_per_job"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                [
                                    "planned",
                                    "pending",
                                    "in_flight",
                                    "deleted",
                                    "already_absent",
                                    "not_yet_visible",
                                    "held",
                                    "failed",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="deletion_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True), ("job__isnull", False), _connector="OR"
                        ),
                        name="deletion_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "planned"), _negated=True),
                            ("job__isnull", False),
                            _connector="OR",
                        ),
                        name="planned_means_of_a_job",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["planned", "pending", "in_flight", "not_yet_visible"]),
                            ("decided_at__isnull", False),
                            _connector="XOR",
                        ),
                        name="decided_means_a_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds_lifted",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds_placed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="conversations.response",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="conversations.team",
                    ),
                ),
                (
                    "in_flight",
                    models.ManyToManyField(
                        blank=True, related_name="holds_too_late", to="conversations.deletion"
                    ),
                ),
                ("in_flight_seen_at", models.DateTimeField(blank=True, null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=500)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="placed")),
                (
                    "end_noted_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When the audit trail was told that its date had ended it.",
                        null=True,
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("conversation", None),
                                ("person__isnull", False),
                                ("response", None),
                                ("team", None),
                            ),
                            models.Q(
                                ("conversation", None),
                                ("person", None),
                                ("response", None),
                                ("team__isnull", False),
                            ),
                            models.Q(
                                ("conversation__isnull", False),
                                ("person", None),
                                ("response", None),
                                ("team", None),
                            ),
                            models.Q(
                                ("conversation", None),
                                ("person", None),
                                ("response__isnull", False),
                                ("team", None),
                            ),
                            _connector="OR",
                        ),
                        name="hold_has_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="hold_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                        ),
                        name="hold_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_at", None), ("lifted_by__isnull", False), _connector="XOR"
                        ),
                        name="hold_lifted_by_someone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor", models.CharField(max_length=200)),
                ("erased_at", models.DateTimeField()),
                ("items", models.PositiveIntegerField(help_text="Input and output items.")),
                ("size", models.PositiveBigIntegerField(help_text="Bytes of them as JSON.")),
                ("digest", models.CharField(max_length=64)),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tombstones",
                        to="conversations.deletionjob",
                    ),
                ),
                (
                    "response",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tombstone",
                        to="conversations.response",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feature", models.CharField(max_length=40)),
                ("works", models.BooleanField(null=True)),
                ("words", models.TextField(blank=True, help_text="What upstream said.")),
                ("tried_at", models.DateTimeField()),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trials",
                        to="conversations.deployment",
                    ),
                ),
                (
                    "tried_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["deployment", "feature"],
                "constraints": [models.UniqueConstraint(fields=("deployment", "feature"), name="trial_once")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("content_type", models.CharField(max_length=100)),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("pages", models.PositiveIntegerField(blank=True, null=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("alt", models.CharField(blank=True, max_length=1000)),
                (
                    "text",
                    models.TextField(blank=True, help_text="What a document says, for those who audit."),
                ),
                ("text_pages", models.PositiveIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "responses",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Those whose items name it.",
                        related_name="attachments",
                        to="conversations.response",
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="conversations.storedfile",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [models.Index(fields=["created_at"], name="attachment_by_time")],
            },
        ),
        migrations.CreateModel(
            name="ToolCall",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField(help_text="Of its item in the response's output.")),
                ("call_id", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("function", "Function"),
                            ("manual", "Answered by a person"),
                            ("mcp", "On an MCP server"),
                        ],
                        default="function",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "server",
                    models.CharField(blank=True, help_text="The label of the MCP server.", max_length=200),
                ),
                ("arguments", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asks_approval", "Waits for approval"),
                            ("asks_output", "Waits for a person's answer"),
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("timed_out", "Took too long"),
                            ("declined", "Declined"),
                            ("stopped", "Stopped"),
                        ],
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("output", models.TextField(blank=True)),
                (
                    "approvers",
                    models.CharField(
                        choices=[
                            ("asker", "Whoever asked"),
                            ("team", "Anyone who can open the conversation"),
                            ("other", "Another member of the team"),
                        ],
                        default="asker",
                        max_length=8,
                    ),
                ),
                ("needed_approval", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, help_text="Why it was declined.", max_length=300)),
                ("created_at", models.DateTimeField()),
                ("queued_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("claim", models.UUIDField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided_calls",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="conversations.response",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="conversations.worker",
                    ),
                ),
            ],
            options={
                "verbose_name": "tool call",
                "ordering": ["response", "position"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("state__in", ("asks_approval", "asks_output", "queued", "running"))
                        ),
                        fields=["state", "queued_at"],
                        name="open_calls",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("response", "call_id"), name="call_once_per_response"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["function", "manual", "mcp"])),
                        name="call_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "asks_approval",
                                    "asks_output",
                                    "queued",
                                    "running",
                                    "done",
                                    "failed",
                                    "timed_out",
                                    "declined",
                                    "stopped",
                                ],
                            )
                        ),
                        name="call_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approvers__in", ["asker", "team", "other"])),
                        name="call_approvers_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("asks_approval", "asks_output", "queued", "running")),
                            ("ended_at__isnull", False),
                            _connector="XOR",
                        ),
                        name="open_call_has_not_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            ("claim__isnull", False),
                            _connector="OR",
                        ),
                        name="running_call_is_claimed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToolPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tool", models.CharField(max_length=64)),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("off", "Not in this team"),
                            ("offered", "Where people switch it on"),
                            ("on", "Wherever people don't switch it off"),
                        ],
                        default="offered",
                        max_length=8,
                    ),
                ),
                (
                    "needs_approval",
                    models.BooleanField(
                        default=True,
                        help_text="Whether somebody is asked before each call. A manual tool is answered by them.",
                    ),
                ),
                (
                    "approvers",
                    models.CharField(
                        choices=[
                            ("asker", "Whoever asked"),
                            ("team", "Anyone who can open the conversation"),
                            ("other", "Another member of the team"),
                        ],
                        default="asker",
                        max_length=8,
                        verbose_name="who approves",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tool_policies",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "tool policy",
                "verbose_name_plural": "tool policies",
                "ordering": ["team", "tool"],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "tool"), name="one_policy_per_team_and_tool"),
                    models.CheckConstraint(
                        condition=models.Q(("use__in", ["off", "offered", "on"])), name="use_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approvers__in", ["asker", "team", "other"])),
                        name="policy_approvers_are_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="McpServer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="The name by which people choose it and the model calls it.",
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z][A-Za-z0-9_-]*$", "Letters, digits, - and _, a letter first."
                            )
                        ],
                    ),
                ),
                ("url", models.URLField(help_text="Upstream calls it there, not we.", max_length=300)),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="Told to people and to the model.", max_length=300
                    ),
                ),
                (
                    "allowed_tools",
                    models.JSONField(blank=True, default=list, help_text="Empty: all that it has."),
                ),
                (
                    "require_approval",
                    models.CharField(
                        choices=[("always", "Before each call"), ("never", "Never")],
                        default="always",
                        max_length=8,
                    ),
                ),
                (
                    "trusted_tools",
                    models.JSONField(
                        blank=True, default=list, help_text="Called without asking although all others ask."
                    ),
                ),
                (
                    "auth",
                    models.CharField(
                        choices=[
                            ("none", "It needs none"),
                            ("env", "In the environment"),
                            ("key_vault", "In Azure Key Vault"),
                        ],
                        default="none",
                        max_length=16,
                        verbose_name="where its secrets are",
                    ),
                ),
                ("vault_url", models.URLField(blank=True, max_length=300)),
                (
                    "authorization_name",
                    models.CharField(
                        blank=True,
                        help_text="The variable, such as MCP_DOCS_TOKEN, or the vault's secret, such as mcp-docs-token.",
                        max_length=127,
                        verbose_name="name of the access token",
                    ),
                ),
                (
                    "headers",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Further headers, each with the name of the variable or secret that holds its value.",
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                (
                    "teams",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who may use it; none chosen: every team.",
                        related_name="mcp_servers",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "MCP server",
                "ordering": ["label"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("require_approval__in", ["always", "never"])),
                        name="mcp_approval_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("auth", "key_vault"), _negated=True),
                            models.Q(("vault_url", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="mcp_vault_has_a_url",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComputerRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                ("tool", models.CharField(help_text="The API's type of the tool.", max_length=40)),
                ("width", models.PositiveSmallIntegerField(default=1024)),
                ("height", models.PositiveSmallIntegerField(default=768)),
                ("environment", models.CharField(default="browser", max_length=20)),
                ("start_url", models.CharField(max_length=2000)),
                ("sites", models.JSONField(default=list)),
                ("most_steps", models.PositiveSmallIntegerField(default=5)),
                ("most_seconds", models.PositiveSmallIntegerField(default=600)),
                ("confirm_all", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waits for a browser"),
                            ("running", "Running"),
                            ("waits_for_person", "Waits for a person"),
                            ("paused", "Paused"),
                            ("person_has_hand", "A person has the mouse"),
                            ("ended", "Ended"),
                        ],
                        default="queued",
                        max_length=20,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "The model has finished"),
                            ("steps", "All its steps are used up"),
                            ("time", "Its time is used up"),
                            ("declined", "A person declined"),
                            ("unattended", "Nobody answered in time"),
                            ("stopped", "Stopped"),
                            ("failed", "The browser failed"),
                            ("interrupted", "The worker was lost"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "told",
                    models.CharField(blank=True, help_text="What went wrong, for people.", max_length=300),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("waits_since", models.DateTimeField(blank=True, help_text="For a person.", null=True)),
                ("waited", models.FloatField(default=0, help_text="Seconds, for people, altogether.")),
                ("stop_requested_at", models.DateTimeField(blank=True, null=True)),
                ("browser", models.UUIDField(blank=True, null=True)),
                (
                    "kept_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Until when its worker keeps the browser for the next task.",
                        null=True,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="computer_runs",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "hand_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="computers_in_hand",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stopped_computer_runs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="computer_runs",
                        to="conversations.turn",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="computer_runs",
                        to="conversations.worker",
                    ),
                ),
                (
                    "noted_at",
                    models.DateTimeField(
                        blank=True, help_text="When the audit trail was told of its end.", null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "computer run",
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ended"), _negated=True),
                        fields=["state"],
                        name="open_computer_runs",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("turn", "attempt"), name="one_computer_run_per_attempt"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "queued",
                                    "running",
                                    "waits_for_person",
                                    "paused",
                                    "person_has_hand",
                                    "ended",
                                ],
                            )
                        ),
                        name="computer_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason", ""),
                            (
                                "reason__in",
                                [
                                    "done",
                                    "steps",
                                    "time",
                                    "declined",
                                    "unattended",
                                    "stopped",
                                    "failed",
                                    "interrupted",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="computer_end_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state", "ended"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "ended"), _negated=True),
                                ("ended_at", None),
                                ("reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="ended_computer_run_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "person_has_hand"), ("hand_of", None), _connector="XOR"),
                        name="hand_is_of_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("height__range", (200, 2560)), ("width__range", (200, 2560))),
                        name="display_has_sense",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComputerStep",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "position",
                    models.PositiveIntegerField(
                        blank=True, help_text="Of the call in the response's output.", null=True
                    ),
                ),
                ("call_id", models.CharField(blank=True, max_length=200)),
                ("actions", models.JSONField(blank=True, default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asks", "Waits for a person"),
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("not_done", "Not done"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "screenshot",
                    models.CharField(blank=True, help_text="The SHA-256 of its content.", max_length=64),
                ),
                (
                    "is_stale",
                    models.BooleanField(
                        default=False, help_text="No new picture could be taken; this is the last one before."
                    ),
                ),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("pointer_x", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("pointer_y", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmed_computer_steps",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="computer_steps",
                        to="conversations.response",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="conversations.computerrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "computer step",
                "ordering": ["run", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="step_once_per_number"),
                    models.UniqueConstraint(fields=("response", "call_id"), name="step_once_per_call"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["asks", "queued", "running", "done", "failed", "not_done"])
                        ),
                        name="step_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("asks", "queued", "running")),
                            ("ended_at__isnull", False),
                            _connector="XOR",
                        ),
                        name="open_step_has_not_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SafetyCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("check_id", models.CharField(max_length=200)),
                ("code", models.CharField(blank=True, max_length=100)),
                ("message", models.TextField(blank=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("proceed", "Proceed"),
                            ("decline", "Decline"),
                            ("nobody", "Nobody answered"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided_safety_checks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="conversations.computerstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "safety check",
                "ordering": ["step", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("step", "check_id"), name="check_once_per_step"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", ""),
                            ("decision__in", ["proceed", "decline", "nobody"]),
                            _connector="OR",
                        ),
                        name="decision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision", ""), ("decided_at__isnull", False), _connector="XOR"),
                        name="decided_check_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComputerPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "enabled",
                    models.BooleanField(
                        default=False, help_text="Off: nobody in this team can give a model a browser."
                    ),
                ),
                (
                    "sites",
                    models.TextField(
                        blank=True,
                        help_text="One host a line that a browser may visit: shop.example.com itself, *.example.com for what is below it, either with :port; * for every public host. Private addresses are never visited.",
                    ),
                ),
                (
                    "start_url",
                    models.CharField(
                        help_text="Where a new browser begins; one of these sites.",
                        max_length=2000,
                        verbose_name="start page",
                    ),
                ),
                (
                    "most_steps",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="After so many steps of a task a person takes over again.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="steps",
                    ),
                ),
                (
                    "most_seconds",
                    models.PositiveSmallIntegerField(
                        default=600,
                        help_text="A task ends after so long, without the time in which it waits for a person.",
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(3600),
                        ],
                        verbose_name="seconds",
                    ),
                ),
                (
                    "confirm_all",
                    models.BooleanField(
                        default=False,
                        help_text="Whether a person is asked before each step.",
                        verbose_name="confirm every action",
                    ),
                ),
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="computer_policy",
                        to="conversations.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "computer policy",
                "verbose_name_plural": "computer policies",
                "ordering": ["team"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_seconds__range", (10, 3600)), ("most_steps__range", (1, 100))
                        ),
                        name="computer_policy_limits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeploymentTest",
            fields=[
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "Reading"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="reading",
                        max_length=16,
                    ),
                ),
                ("claim", models.UUIDField(editable=False, null=True)),
                ("beat_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("actor", models.CharField(max_length=200)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.deployment",
                    ),
                ),
            ],
            options={
                "verbose_name": "test of a deployment",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["reading", "running", "done", "failed"])),
                        name="test_status_is_known",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="Team",
            name="members",
            field=models.ManyToManyField(
                related_name="teams", through="conversations.Membership", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RunPython(make_search_words, undo_search_words),
    ]
