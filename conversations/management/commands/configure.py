from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conversations.models import Deployment, Endpoint
from conversations.people.audit import audited, command
from conversations.people.demo import in_its_youth, price_deployments
from conversations.people.recording import recorded
from conversations.responses_api import BadConfiguration
from conversations.stored.endpoints import address_of
from responses_ui.env import Upstream


class Command(BaseCommand):
    help = "Makes the endpoint and the deployment that the environment names, if they don't exist yet."

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = settings.UPSTREAM
        if wanted is None:
            self.stdout.write("No endpoint is named: set AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL.")
            return
        with in_its_youth(), audited():
            endpoint = self._endpoint(wanted)
            row = self._deployment(endpoint, wanted)
            if settings.DEMO:
                price_deployments()
        self.stdout.write(f"Deployment {row.name} on {endpoint.base_url} ({endpoint.get_auth_display()}).")

    def _endpoint(self, wanted: Upstream) -> Endpoint:
        """Found by where it is; how one signs in there may change."""
        place = {"kind": wanted.kind, "base_url": wanted.base_url, "api_version": wanted.api_version}
        row = Endpoint.objects.filter(**place).first() or Endpoint(
            name=self._free_name(urlsplit(wanted.base_url).netloc),
            retention_days=settings.RETENTION_DAYS,
            **place,
        )
        row.auth, row.key_name = wanted.auth, wanted.key_name
        row.token_scope, row.vault_url = wanted.token_scope, wanted.vault_url
        try:
            address_of(row)
        except BadConfiguration as error:
            raise CommandError(f"{error} {error.advice}") from error
        with recorded(row, actor=command()):
            row.save()
        return row

    def _deployment(self, endpoint: Endpoint, wanted: Upstream) -> Deployment:
        row = Deployment.objects.filter(endpoint=endpoint, name=wanted.deployment).first()
        if row is None:
            title, model = wanted.deployment, wanted.model
            row = Deployment(endpoint=endpoint, name=wanted.deployment, title=title, model=model)
            with recorded(row, actor=command()):
                row.save()
        return row

    @staticmethod
    def _free_name(host: str) -> str:
        taken = Endpoint.objects.filter(name__startswith=host).count()
        return f"{host} ({taken + 1})" if taken else host
