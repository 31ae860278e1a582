"""Where models answer: endpoints and the deployments on them."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EndpointKind(models.TextChoices):
    AZURE_V1 = "azure_v1", _("Azure OpenAI, v1")
    AZURE_DATED = "azure_dated", _("Azure OpenAI, dated api-version")
    OPENAI = "openai", _("OpenAI-compatible")


class Auth(models.TextChoices):
    ENTRA = "entra", _("Entra ID")
    ENV = "env", _("Key in the environment")
    KEY_VAULT = "key_vault", _("Key in Azure Key Vault")
    NONE = "none", _("No key")


class Keep(models.TextChoices):
    """How a turn is kept upstream, and with it how the next one learns of it."""

    CHAINED = "chained", _("Stored, and chained to")
    RESENT = "resent", _("Stored, and sent again each time")
    NOT_STORED = "not_stored", _("Not stored, and sent again each time")


class Endpoint(models.Model):
    """One Responses API server. Keys are named here, never kept."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=EndpointKind)
    base_url = models.URLField(_("base URL"), max_length=300)
    api_version = models.CharField(_("API version"), max_length=40, blank=True)
    region = models.CharField(
        max_length=40,
        blank=True,
        help_text=_("Where the resource is, such as swedencentral, if known."),
    )
    auth = models.CharField(_("sign-in"), max_length=16, choices=Auth)
    token_scope = models.CharField(max_length=200, blank=True)
    key_name = models.CharField(
        _("name of the key"),
        max_length=127,
        blank=True,
        help_text=_("The variable or the vault's secret that holds the key."),
    )
    vault_url = models.URLField(_("URL of the vault"), max_length=300, blank=True)
    retention_days = models.PositiveSmallIntegerField(default=30)
    settle_seconds = models.PositiveSmallIntegerField(_("settle window in seconds"), default=60)
    can_list = models.BooleanField(
        _("can list what it stores"),
        null=True,
        help_text=_("Whether the server lists its responses; empty: not tried."),
    )
    requests_per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("What the server takes from all of us; empty: as much as it takes without refusing."),
    )
    chat_reserve = models.PositiveSmallIntegerField(
        default=50, help_text=_("Percent of ten seconds' requests that deletions leave free for chats.")
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="endpoint_kind_is_known", condition=Q(kind__in=EndpointKind.values)),
            models.CheckConstraint(name="endpoint_auth_is_known", condition=Q(auth__in=Auth.values)),
            models.CheckConstraint(
                name="dated_endpoint_has_a_version",
                condition=Q(kind=EndpointKind.AZURE_DATED) ^ Q(api_version=""),
            ),
            models.CheckConstraint(
                name="endpoint_names_its_key",
                condition=~Q(auth__in=[Auth.ENV, Auth.KEY_VAULT]) | ~Q(key_name=""),
            ),
            models.CheckConstraint(
                name="rate_is_positive", condition=Q(requests_per_minute=None) | Q(requests_per_minute__gt=0)
            ),
            models.CheckConstraint(name="chat_reserve_is_a_percentage", condition=Q(chat_reserve__lte=100)),
        ]

    def __str__(self) -> str:
        return self.name


class Deployment(models.Model):
    """A model under the name that the endpoint knows it by. Prices are per million tokens."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deployments")
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    model = models.CharField(max_length=120, blank=True)
    enabled = models.BooleanField(default=True)
    background = models.BooleanField(default=False)
    keep = models.CharField(
        max_length=16,
        choices=Keep,
        default=Keep.CHAINED,
        help_text=_("How its turns are kept upstream, unless a conversation says otherwise."),
    )
    safety_identifier = models.BooleanField(
        default=True,
        help_text=_("Whether Azure and OpenAI get a hash that tells one person's requests from another's."),
    )
    currency = models.CharField(max_length=3, default="USD")
    input_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cached_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    output_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="deployment_once_per_endpoint", fields=["endpoint", "name"]),
            models.CheckConstraint(name="keep_is_known", condition=Q(keep__in=Keep.values)),
        ]

    def __str__(self) -> str:
        return self.title

    def price_of(self, *, input_tokens: int, cached_tokens: int, output_tokens: int) -> Decimal | None:
        """What such a response costs in this deployment's currency; None where no price is known."""
        if self.input_price is None or self.output_price is None:
            return None
        cached_price = self.input_price if self.cached_price is None else self.cached_price
        fresh = max(0, input_tokens - cached_tokens)
        total = fresh * self.input_price + cached_tokens * cached_price + output_tokens * self.output_price
        return (total / 1_000_000).quantize(Decimal("0.000001"))
