from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        from conversations.people import changes, sign_in, triggers  # noqa: F401, PLC0415  they need the models
        from conversations.stored import facts  # noqa: PLC0415  it needs them too

        post_migrate.connect(triggers.after_migrate, sender=self)
        post_migrate.connect(facts.after_migrate, sender=self)
