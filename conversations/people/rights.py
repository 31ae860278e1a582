"""Who may see and do what. Every door asks here."""

from typing import TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from conversations.composed import Slot
from conversations.models import (
    Attachment,
    AuditEntry,
    Conversation,
    DailyUsage,
    DeletionJob,
    Deployment,
    Endpoint,
    Export,
    Hold,
    ImportJob,
    McpServer,
    Notice,
    OwnDeletion,
    Response,
    SavedFilter,
    Team,
    ToolCall,
    User,
)
from conversations.models.conversations import Visibility
from conversations.models.deletion_jobs import Source
from conversations.models.exports import Scope
from conversations.models.notices import Audience, NoticeKind
from conversations.models.people import Role
from conversations.models.tool_calls import Approvers

Row = TypeVar("Row", bound=Model)
# Who may be among those that a notice for staff is for.
STAFF = Q(is_superuser=True) | Q(role__in=[Role.OPERATOR, Role.ADMIN])
# All else that waits for somebody is work of the desk.
OF_MEMBERS = (NoticeKind.TOOL_APPROVAL, NoticeKind.COMPUTER_CHECK)


def conversations_of(user: User | Slot) -> QuerySet[Conversation]:
    """What a person may open: in the own teams, what is shared and what is the person's own."""
    return _shared_with(user).filter(deleted_at=None)


def deleted_conversations_of(user: User) -> QuerySet[Conversation]:
    """What a person might open, had its owner not deleted it; only that fact may be told."""
    return _shared_with(user).filter(deleted_at__isnull=False)


def _shared_with(user: User | Slot) -> QuerySet[Conversation]:
    mine = Conversation.objects.filter(team__memberships__user=user)
    return mine.filter(Q(visibility=Visibility.TEAM) | Q(owner=user))


def mcp_servers_of(team: int) -> QuerySet[McpServer]:
    """What a team's conversations may call."""
    enabled = McpServer.objects.filter(enabled=True)
    return enabled.filter(Q(teams=None) | Q(teams=team)).distinct()


def may_open(user: User, conversation: Conversation) -> bool:
    return user.is_active and conversations_of(user).filter(pk=conversation.pk).exists()


def attachments_of(user: User) -> QuerySet[Attachment]:
    """In what a person may open; and what the person uploaded and didn't send yet."""
    unsent = Q(conversation=None, responses=None, person=user)
    return Attachment.objects.filter(unsent | Q(conversation__in=conversations_of(user))).distinct()


def may_manage(user: User, conversation: Conversation) -> bool:
    """Rename, archive, change instructions, deployment or visibility, delete."""
    return conversation.owner_id == user.pk and may_open(user, conversation)


def may_decide(user: User, call: ToolCall) -> bool:
    """Approve or decline a call, or type what its tool says."""
    conversation, is_asker = call.response.conversation, call.response.person_id == user.pk
    fits = {Approvers.ASKER: is_asker, Approvers.TEAM: True, Approvers.OTHER: not is_asker}
    return fits[Approvers(call.approvers)] and conversation is not None and may_open(user, conversation)


def own_deletions_of(user: User) -> QuerySet[OwnDeletion]:
    """What the person deleted, and didn't restore: who owns it alone."""
    return OwnDeletion.objects.filter(by=user, restored_at=None)


def responses_at_desk(user: User) -> QuerySet[Response]:
    """What staff may list and look up; words of others are shown under a ReadGrant only."""
    if not user.at_the_desk:
        return Response.objects.none()
    return of_their_teams(Response.objects.all(), user, "team")


def of_their_teams(rows: QuerySet[Row], user: User, way: str) -> QuerySet[Row]:
    """All, or for staff who are limited to teams those of these; `way`: from a row to its team."""
    teams = limits_of(user)
    return rows.filter(**{f"{way}__in": teams}) if teams else rows


def limits_of(user: User) -> list[int]:
    """The teams whose figures staff see; none named: all."""
    return list(user.limited_to.values_list("pk", flat=True))


def may_read_audit(user: User) -> bool:
    """Those who answer for what was done, and not those who did it: operators don't read about themselves."""
    return user.administers or (user.is_active and user.role == Role.AUDITOR)


def audit_entries_for(user: User) -> QuerySet[AuditEntry]:
    """An auditor who is limited to teams reads what was done in those."""
    if not may_read_audit(user):
        return AuditEntry.objects.none()
    teams = limits_of(user)
    return AuditEntry.objects.filter(team_id__in=teams) if teams else AuditEntry.objects.all()


def own_deeds(user: User) -> QuerySet[AuditEntry]:
    """What somebody at the desk did, who may see that of oneself."""
    return AuditEntry.objects.filter(actor_id=user.pk) if user.at_the_desk else AuditEntry.objects.none()


def may_export(user: User) -> bool:
    """Whoever works at the desk, of what they see there; an export says why and is audited, as a grant is."""
    return user.at_the_desk


def exports_of(user: User) -> QuerySet[Export]:
    """Of the desk's: one's own; admins of all teams see who exported what, and fetch their own only."""
    if not may_export(user):
        return Export.objects.none()
    mine = Q() if user.administers and not limits_of(user) else Q(by=user)
    return Export.objects.filter(mine, scope=Scope.SELECTION)


def may_import(user: User) -> bool:
    """Operators and admins; who is limited to teams imports for one of those."""
    return user.administers or (user.is_active and user.role == Role.OPERATOR)


def may_reconcile(user: User) -> bool:
    """Whoever imports and isn't limited to teams: upstream's list doesn't know whose a response is."""
    return may_import(user) and not user.limited_to.exists()


def imports_of(user: User) -> QuerySet[ImportJob]:
    """Imports that one may look at and go on with."""
    if not may_import(user):
        return ImportJob.objects.none()
    teams = list(user.limited_to.values_list("pk", flat=True))
    return ImportJob.objects.filter(team__in=teams) if teams else ImportJob.objects.all()


def may_set_tools(user: User) -> bool:
    """Admins, for the teams that they see: a tool does things in the name of whoever asks."""
    return user.administers


def may_delete_upstream(user: User) -> bool:
    """Operators and admins, of what they see at the desk."""
    return user.administers or (user.is_active and user.role == Role.OPERATOR)


def may_plan_deletions(user: User) -> bool:
    """Operators and admins, of what they see at the desk; who approves needs the same right."""
    return may_delete_upstream(user)


def jobs_of(user: User) -> QuerySet[DeletionJob]:
    """Bulk deletions that one may look at: everyone at the desk sees what goes and went; who is limited to
    teams the own ones only, since a plan's figures tell of all its teams.
    """
    if not user.at_the_desk:
        return DeletionJob.objects.none()
    everyones = DeletionJob.objects.all()
    return everyones.filter(planned_by=user) if limits_of(user) else everyones


def may_steer(user: User, job: DeletionJob) -> bool:
    """Execute, pause, cancel and so on. A member's own delete goes on by itself; a hold is what keeps it."""
    return may_plan_deletions(user) and job.source != Source.OWN


def may_set_policies(user: User) -> bool:
    """Who plans deletions in all teams: a policy of a deployment reaches into each."""
    return may_plan_deletions(user) and not limits_of(user)


def notices_of(user: User) -> QuerySet[Notice]:
    """What waits for a person as the rights are now: whoever lost one doesn't find what it was about."""
    if not user.is_active:
        return Notice.objects.none()
    teams = teams_of(user)
    found = Q(audience=Audience.PERSON, person=user) | Q(audience=Audience.TEAM, team__in=teams)
    if may_set_policies(user):
        found |= Q(audience__in=[Audience.DELETERS, Audience.POLICY_SETTERS])
    rows = Notice.objects.filter(found, Q(but_not=None) | ~Q(but_not=user))
    members = Q(kind__in=OF_MEMBERS) & (Q(team=None) | Q(team__in=teams))
    return rows.filter(members | ~Q(kind__in=OF_MEMBERS) if may_plan_deletions(user) else members)


def may_hold(user: User) -> bool:
    """Operators and admins place and end holds."""
    return may_delete_upstream(user)


def may_hold_this(user: User, subject: User | Team | Conversation | Response) -> bool:
    """Who is limited to teams, what is in those; a person's responses may lie in others too."""
    if not may_hold(user):
        return False
    limits = limits_of(user)
    if not limits:
        return True
    team = subject.pk if isinstance(subject, Team) else getattr(subject, "team_id", None)
    return team in limits


def holds_of(user: User) -> QuerySet[Hold]:
    """Everyone at the desk sees what must stay, of the teams that they see."""
    if not user.at_the_desk:
        return Hold.objects.none()
    limits = limits_of(user)
    if not limits:
        return Hold.objects.all()
    theirs = Q(team__in=limits) | Q(conversation__team__in=limits) | Q(response__team__in=limits)
    return Hold.objects.filter(theirs | Q(person__in=people_at_desk(user).values("pk")))


def person_of(request: HttpRequest) -> User:
    """Who asks; for views that only signed-in people reach."""
    return cast(User, request.user)


def teams_of(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user)


def teams_at_desk(user: User) -> QuerySet[Team]:
    """Whose responses staff may list."""
    if not user.at_the_desk:
        return Team.objects.none()
    return user.limited_to.all() if user.limited_to.exists() else Team.objects.all()


def people_at_desk(user: User) -> QuerySet[User]:
    """Whom staff see and can name in a filter: of limited staff, those in their teams."""
    if not user.at_the_desk:
        return User.objects.none()
    limits = user.limited_to.all()
    return User.objects.filter(teams__in=limits).distinct() if limits else User.objects.all()


def deployments_at_desk(user: User) -> QuerySet[Deployment]:
    """Of limited staff those that their teams have used or talk to now."""
    if not user.at_the_desk:
        return Deployment.objects.none()
    teams = limits_of(user)
    if not teams:
        return Deployment.objects.all()
    used = DailyUsage.objects.filter(team_id__in=teams).values("deployment_id")
    chosen = Conversation.objects.filter(team__in=teams).values("deployment_id")
    return Deployment.objects.filter(Q(pk__in=used) | Q(pk__in=chosen))


def endpoints_at_desk(user: User) -> QuerySet[Endpoint]:
    """Where those deployments are; of staff who aren't limited all, with and without deployments."""
    if user.at_the_desk and not limits_of(user):
        return Endpoint.objects.all()
    return Endpoint.objects.filter(pk__in=deployments_at_desk(user).values("endpoint_id"))


def saved_filters_of(user: User) -> QuerySet[SavedFilter]:
    """A person's own and what colleagues share."""
    if not user.at_the_desk:
        return SavedFilter.objects.none()
    return SavedFilter.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner")
