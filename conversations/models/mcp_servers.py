"""MCP servers that models may call through upstream. Their secrets are named here, never kept."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Auth
from conversations.models.people import Team


class Approval(models.TextChoices):
    """Whether a person is asked before a call. The names are the API's."""

    ALWAYS = "always", _("Before each call")
    NEVER = "never", _("Never")


class McpServer(models.Model):
    label = models.CharField(
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Za-z][A-Za-z0-9_-]*$", _("Letters, digits, - and _, a letter first."))
        ],
        help_text=_("The name by which people choose it and the model calls it."),
    )
    url = models.URLField(max_length=300, help_text=_("Upstream calls it there, not we."))
    description = models.CharField(
        max_length=300, blank=True, help_text=_("Told to people and to the model.")
    )
    teams = models.ManyToManyField(
        Team,
        blank=True,
        related_name="mcp_servers",
        help_text=_("Who may use it; none chosen: every team."),
    )
    allowed_tools = models.JSONField(default=list, blank=True, help_text=_("Empty: all that it has."))
    require_approval = models.CharField(max_length=8, choices=Approval, default=Approval.ALWAYS)
    trusted_tools = models.JSONField(
        default=list, blank=True, help_text=_("Called without asking although all others ask.")
    )
    auth = models.CharField(
        _("where its secrets are"),
        max_length=16,
        choices=[
            (Auth.NONE.value, _("It needs none")),
            (Auth.ENV.value, _("In the environment")),
            (Auth.KEY_VAULT.value, _("In Azure Key Vault")),
        ],
        default=Auth.NONE,
    )
    vault_url = models.URLField(max_length=300, blank=True)
    authorization_name = models.CharField(
        _("name of the access token"),
        max_length=127,
        blank=True,
        help_text=_("The variable, such as MCP_DOCS_TOKEN, or the vault's secret, such as mcp-docs-token."),
    )
    headers = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Further headers, each with the name of the variable or secret that holds its value."),
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("MCP server")
        ordering = ["label"]
        constraints = [
            models.CheckConstraint(
                name="mcp_approval_is_known", condition=Q(require_approval__in=Approval.values)
            ),
            models.CheckConstraint(
                name="mcp_vault_has_a_url", condition=~Q(auth=Auth.KEY_VAULT) | ~Q(vault_url="")
            ),
        ]

    def __str__(self) -> str:
        return self.label
