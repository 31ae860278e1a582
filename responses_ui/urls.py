from channels.routing import URLRouter
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from conversations.api import attachments, computers, conversations, exports, health, schemas
from conversations.chat.consumers import ConversationConsumer
from conversations.pages import inbox, my_data, views
from conversations.people.sign_in import LoginForm

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<uuid:conversation>/", views.conversation, name="conversation"),
    path(
        "login/",
        LoginView.as_view(template_name="login.html", form_class=LoginForm, redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("api/conversations/", conversations.collection, name="conversations"),
    path("api/conversations/<uuid:conversation>/", conversations.one, name="conversation-json"),
    path(
        "api/conversations/<uuid:conversation>/export/", exports.of_conversation, name="conversation-export"
    ),
    path("api/conversations/<uuid:conversation>/computer/", computers.runs),
    path("api/conversations/<uuid:conversation>/context/", conversations.context),
    path("api/conversations/<uuid:conversation>/restore/", conversations.restore),
    path("api/exports/", exports.of_everything),
    path("api/exports/<uuid:key>/", exports.one),
    path("exports/<uuid:key>/", exports.download, name="export-download"),
    path("my-data/", my_data.page, name="my-data"),
    path("my-data/exports/", my_data.take_along, name="my-data-exports"),
    path("my-data/deleted/<uuid:conversation>/restore/", my_data.restore, name="my-data-restore"),
    path("inbox/", inbox.page, name="inbox"),
    path("inbox/mail/", inbox.choose_mail, name="inbox-mail"),
    path("api/responses/<uuid:response>/", conversations.response, name="response-json"),
    path("api/responses/<uuid:response>/sample/", conversations.sample),
    path("api/responses/<uuid:response>/looks/", conversations.looks),
    path("api/responses/<uuid:response>/files/<slug:sha256>/", attachments.of_response),
    path("api/schemas/", schemas.check),
    path("api/attachments/", attachments.collection, name="attachments"),
    path("api/attachments/<uuid:attachment>/", attachments.one),
    path("api/attachments/<uuid:attachment>/original/", attachments.original, name="attachment-original"),
    path("api/attachments/<uuid:attachment>/thumbnail/", attachments.thumbnail),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]

websockets = URLRouter([path("ws/conversations/<uuid:conversation>/", ConversationConsumer.as_asgi())])
