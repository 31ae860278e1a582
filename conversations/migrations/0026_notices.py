import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0025_choices"),
    ]

    operations = [
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
                ("vault_url", models.URLField(blank=True, max_length=300)),
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
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("settled_at", None)), fields=["audience", "kind"], name="notice_open"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["person", "-created_at"], name="notice_of_person"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["settled_by", "-settled_at"], name="notice_settled"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["key", "-created_at"], name="notice_by_key"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "second_signature",
                            "policy_approval",
                            "tool_approval",
                            "backlog",
                            "job_halted",
                            "policy_failed",
                            "job_done",
                        ],
                    )
                ),
                name="notice_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("audience", "person"), ("person__isnull", False)),
                    models.Q(("audience", "team"), ("person", None), ("team__isnull", False)),
                    models.Q(("audience__in", ["deleters", "policy_setters"]), ("person", None)),
                    _connector="OR",
                ),
                name="notice_for_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False), ("settled_at", None)),
                fields=("key", "person"),
                name="one_open_notice_of_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person", None), ("settled_at", None)),
                fields=("key", "audience"),
                name="one_open_notice_of_audience",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticechannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["teams", "slack", "json", "email"])),
                name="channel_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticechannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "email"), models.Q(("address", ""), _negated=True), ("key_name", "")),
                    models.Q(
                        models.Q(("kind", "email"), _negated=True),
                        models.Q(("key_name", ""), _negated=True),
                        ("auth__in", ["env", "key_vault"]),
                    ),
                    _connector="OR",
                ),
                name="channel_has_a_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticechannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "json"), ("signing_name", ""), _connector="OR"),
                name="only_json_is_signed",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["due_at"], name="delivery_due"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "failed")), fields=["-ended_at"], name="delivery_failed"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "sent", "failed", "dropped"])),
                name="delivery_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel", None), ("person", None), _connector="XOR"),
                name="delivery_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("notice", "channel"), name="delivery_once_per_channel"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("notice", "person"), name="delivery_once_per_person"),
        ),
        migrations.AddConstraint(
            model_name="noticeseen",
            constraint=models.UniqueConstraint(fields=("notice", "person"), name="notice_seen_once"),
        ),
    ]
