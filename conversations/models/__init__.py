"""The rows, one file per subject."""

from conversations.models.attachments import Attachment, StoredFile
from conversations.models.audit import AuditEntry, AuditHead
from conversations.models.capabilities import ApiVersion, Inability, KnownModel, Limit, Region, Trial
from conversations.models.computer_runs import ComputerPolicy, ComputerRun, ComputerStep, SafetyCheck
from conversations.models.conversations import Conversation, Turn
from conversations.models.deletion_jobs import DeletionJob
from conversations.models.deletions import Deletion
from conversations.models.deployment_tests import DeploymentTest
from conversations.models.endpoints import Deployment, Endpoint
from conversations.models.erasing import Tombstone
from conversations.models.exports import Export, ExportedConversation
from conversations.models.grants import ReadGrant
from conversations.models.holds import HeldCopy, Hold
from conversations.models.imports import ImportedId, ImportJob, LooseEnd
from conversations.models.mcp_servers import McpServer
from conversations.models.notices import Delivery, Notice, NoticeChannel, NoticeChoice, NoticeSeen
from conversations.models.own_deletions import OwnDeletion
from conversations.models.people import Membership, Team, User
from conversations.models.policies import RetentionBounds, RetentionPolicy
from conversations.models.reconciling import Difference, Reconciliation
from conversations.models.responses import Item, Response
from conversations.models.saved_filters import SavedFilter
from conversations.models.search import SearchGrant, SearchText
from conversations.models.tool_calls import ToolCall, ToolPolicy
from conversations.models.usage import DailyDeletions, DailyErrors, DailyUsage, StoredPerDay
from conversations.models.workers import Worker

__all__ = [
    "ApiVersion",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "ComputerPolicy",
    "ComputerRun",
    "ComputerStep",
    "Conversation",
    "DailyDeletions",
    "DailyErrors",
    "DailyUsage",
    "Deletion",
    "DeletionJob",
    "Delivery",
    "Deployment",
    "DeploymentTest",
    "Difference",
    "Endpoint",
    "Export",
    "ExportedConversation",
    "HeldCopy",
    "Hold",
    "ImportJob",
    "ImportedId",
    "Inability",
    "Item",
    "KnownModel",
    "Limit",
    "LooseEnd",
    "McpServer",
    "Membership",
    "Notice",
    "NoticeChannel",
    "NoticeChoice",
    "NoticeSeen",
    "OwnDeletion",
    "ReadGrant",
    "Reconciliation",
    "Region",
    "Response",
    "RetentionBounds",
    "RetentionPolicy",
    "SafetyCheck",
    "SavedFilter",
    "SearchGrant",
    "SearchText",
    "StoredFile",
    "StoredPerDay",
    "Team",
    "Tombstone",
    "ToolCall",
    "ToolPolicy",
    "Trial",
    "Turn",
    "User",
    "Worker",
]
