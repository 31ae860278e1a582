"""What models, API versions and regions can do: facts with their sources, which admins may correct."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Deployment
from conversations.models.people import User


class Sourced(models.Model):
    """Facts come with the product; a row that an admin changed is the admin's from then on."""

    source = models.CharField(max_length=300, help_text=_("Where this is written, or who says so."))
    checked_on = models.DateField(help_text=_("The day on which it was true."))
    note = models.TextField(blank=True)
    edited = models.BooleanField(
        default=False, editable=False, help_text=_("Changed here: new versions of us leave it as it is.")
    )

    class Meta:
        abstract = True


class KnownModel(Sourced):
    """A model by the name of its family, such as gpt-5.1."""

    name = models.CharField(max_length=120, unique=True)
    versions = models.JSONField(default=list, blank=True, help_text=_("Their dates, as a list."))
    context_window = models.PositiveIntegerField(null=True, blank=True, help_text=_("In tokens."))
    max_output_tokens = models.PositiveIntegerField(null=True, blank=True)
    retires_on = models.DateField(
        null=True, blank=True, help_text=_("The day on which deployments of it stop to answer.")
    )
    efforts = models.JSONField(
        null=True,
        blank=True,
        help_text=_("What reasoning.effort may be, as a list; an empty list: it doesn't reason."),
    )

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ApiVersion(Sourced):
    """The v1 route, a dated api-version, or what is compatible with OpenAI's."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        verbose_name = _("API version")
        verbose_name_plural = _("API versions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Region(Sourced):
    """A region of Azure that has the Responses API."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Limit(Sourced):
    """The largest that the API takes of something."""

    name = models.CharField(max_length=60, unique=True)
    value = models.PositiveBigIntegerField()
    unit = models.CharField(max_length=30, blank=True)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.value:,} {self.unit}".strip()


class Inability(models.Model):
    """What a model, an API version or a region can't do. `feature` is a name of `stored.capabilities`."""

    model = models.ForeignKey(
        KnownModel, on_delete=models.CASCADE, null=True, blank=True, related_name="inabilities"
    )
    api_version = models.ForeignKey(
        ApiVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="inabilities"
    )
    region = models.ForeignKey(
        Region, on_delete=models.CASCADE, null=True, blank=True, related_name="inabilities"
    )
    feature = models.CharField(max_length=40)
    reason = models.CharField(max_length=300, help_text=_("A sentence that people read who want it."))
    source = models.CharField(max_length=300, blank=True, help_text=_("Empty: the same as of the rest."))
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("inability")
        verbose_name_plural = _("what it can't do")
        ordering = ["feature"]
        constraints = [
            models.UniqueConstraint(name="inability_of_model_once", fields=["model", "feature"]),
            models.UniqueConstraint(name="inability_of_version_once", fields=["api_version", "feature"]),
            models.UniqueConstraint(name="inability_of_region_once", fields=["region", "feature"]),
            models.CheckConstraint(
                name="inability_of_one_thing",
                condition=Q(model__isnull=False, api_version=None, region=None)
                | Q(model=None, api_version__isnull=False, region=None)
                | Q(model=None, api_version=None, region__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.feature


class Trial(models.Model):
    """What upstream said when a deployment was asked to do something, the last time somebody tried.

    `works` is empty where the answer tells neither: upstream was busy, or away.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="trials")
    feature = models.CharField(max_length=40)
    works = models.BooleanField(null=True)
    words = models.TextField(blank=True, help_text=_("What upstream said."))
    tried_at = models.DateTimeField()
    tried_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["deployment", "feature"]
        constraints = [models.UniqueConstraint(name="trial_once", fields=["deployment", "feature"])]

    def __str__(self) -> str:
        return f"{self.feature} on {self.deployment_id}"
