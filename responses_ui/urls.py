from django.contrib import admin
from django.urls import path

websocket_urlpatterns: list = []
urlpatterns = [path("admin/", admin.site.urls)]
