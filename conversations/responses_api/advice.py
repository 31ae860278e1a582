"""The words for each kind of error: what happened, what a person can do. Translated where they are shown."""


def _(text: str) -> str:
    """Marks a text for `makemessages`; this package needs no settings to be imported."""
    return text


# kind: (what happened, what to do)
_WORDS = {
    "unknown": (
        _("The request failed."),
        _("Try again. If it happens again, give the request id to an administrator."),
    ),
    "bad_configuration": (
        _("The model's endpoint is not set up correctly."),
        _("An administrator must correct the endpoint's settings."),
    ),
    "key_missing": (
        _("The key of the model's endpoint could not be found."),
        _("An administrator must set the variable or the Key Vault secret that the endpoint names."),
    ),
    "no_identity": (
        _("This server could not sign in to Azure."),
        _(
            "An administrator must give this server an identity (managed identity, workload identity or "
            "az login) with the role Cognitive Services OpenAI User."
        ),
    ),
    "not_an_api": (
        _("The address answered, but not with the Responses API."),
        _("An administrator must correct the endpoint's base URL."),
    ),
    "unreachable": (
        _("The model's server could not be reached."),
        _("Try again in a moment. If it lasts, ask an administrator to check the network and the base URL."),
    ),
    "identity_unreachable": (
        _("Azure's sign-in service could not be reached."),
        _("Try again in a moment. If it lasts, ask an administrator to check this server's network."),
    ),
    "vault_unreachable": (
        _("The Key Vault that holds the endpoint's key could not be reached."),
        _("Try again in a moment. If it lasts, ask an administrator to check the vault and the network."),
    ),
    "certificate": (
        _("The certificate of the model's server could not be verified."),
        _("An administrator must check the base URL and the certificates that this server trusts."),
    ),
    "disconnected": (
        _("The connection broke before the model's server answered."),
        _("Try again. The first attempt may have been billed."),
    ),
    "stalled": (
        _("The model's server stopped sending."),
        _("Try again. If it lasts, choose another deployment."),
    ),
    "deadline": (
        _("The answer took longer than is allowed here."),
        _("Ask for a shorter answer, or let it run in the background."),
    ),
    "stream_cut": (
        _("The connection broke in the middle of the answer."),
        _("What arrived is kept. Retry to have it answered again."),
    ),
    "no_terminal_event": (
        _("The answer ended without saying that it was complete."),
        _("What arrived is kept, but may be cut short. Retry to have it answered again."),
    ),
    "malformed": (
        _("The model's server sent something that cannot be read."),
        _("Try again. If it happens again, give the request id to an administrator."),
    ),
    "refused": (
        _("The model's server refused this server's key or identity."),
        _("An administrator must check the key, or the role Cognitive Services OpenAI User of the identity."),
    ),
    "forbidden": (
        _("This server's key or identity may not use this model or network path."),
        _("An administrator must check roles, network rules and private endpoints of the Azure resource."),
    ),
    "not_found": (
        _("The model's server does not know this address."),
        _("An administrator must check the endpoint's base URL and api-version."),
    ),
    "response_not_found": (
        _("The response is not stored upstream."),
        _("It was deleted, has expired or is not visible yet. The text kept here is not affected."),
    ),
    "deployment_not_found": (
        _("The deployment does not exist at this endpoint."),
        _("Choose another deployment, or ask an administrator: the name may be wrong or the model retired."),
    ),
    "rate_limited": (
        _("The model's rate limit is reached."),
        _("Wait a little and try again, or choose another deployment."),
    ),
    "quota": (
        _("The quota or budget of the model's account is used up."),
        _("Choose another deployment, or ask an administrator to raise the quota."),
    ),
    "upstream_fault": (
        _("The model's server had a fault of its own."),
        _("Try again. If it lasts, choose another deployment."),
    ),
    "incomplete": (
        _("The answer is incomplete."),
        _("What arrived is kept. Ask the model to go on."),
    ),
    "max_output_tokens": (
        _("The answer reached its length limit."),
        _("What arrived is kept. Ask the model to go on."),
    ),
    "bad_request": (
        _("The model's server did not accept the request."),
        _("Change the message or the settings, or choose another deployment."),
    ),
    "conflict": (
        _("The model's server was busy with the same response."),
        _("Try again in a moment."),
    ),
    "too_large": (
        _("The request is larger than the model's server accepts."),
        _("Send a shorter message or smaller files."),
    ),
    "previous_response_not_found": (
        _("The previous response is no longer stored upstream, or not yet visible."),
        _("Send again: the conversation so far is then sent along as a whole."),
    ),
    "content_filtered": (
        _("The content filter stopped this."),
        _("Rephrase the message. If you think that the filter is wrong, tell an administrator."),
    ),
    "context_too_long": (
        _("The conversation is longer than the model can read."),
        _("Start a new conversation, shorten the message, or choose a deployment with a larger context."),
    ),
}

SUMMARIES = {kind: words[0] for kind, words in _WORDS.items()}
ADVICE = {kind: words[1] for kind, words in _WORDS.items()}
