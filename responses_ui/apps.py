from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin with our rule for who may enter."""

    default_site = "conversations.people.desk.DeskSite"
