"""Every page, once. A view says itself who may open it (`page`)."""

from __future__ import annotations

from django.urls import path

from qingtian.portals import (
    alerts,
    catalogue,
    commands,
    deadletters,
    desk,
    enterprise,
    enterprises,
    events,
    marks,
    notices,
    outlets,
    people,
    refusals,
    session,
    silences,
    system,
    tasks,
)

urlpatterns = [
    path("", session.start),
    path("login/", session.login),
    path("logout/", session.logout),
    path("preferences/", session.preferences),
    path("events/", events.events),
    path("healthz", system.healthz),
    path("desk/", desk.show),
    path("desk/map/", desk.city),
    path("outlets/", outlets.index),
    path("outlets/<str:code>/", outlets.show),
    path("outlets/<str:code>/readings/", outlets.readings),
    path("alerts/", alerts.index),
    path("alerts/<int:episode_id>/", alerts.show),
    path("alerts/<int:episode_id>/<slug:name>/", alerts.act),
    path("tasks/", tasks.index),
    path("tasks/<int:task_id>/", tasks.show),
    path("tasks/<int:task_id>/<slug:name>/", tasks.act),
    path("evidence/<slug:sha256>/", tasks.evidence),
    path("enterprise/", enterprise.show),
    path("enterprises/", enterprises.index),
    path("enterprises/<str:code>/", enterprises.show),
    path("notices/", notices.index),
    path("notices/read/", notices.read),
    path("notices/bell/", notices.bell),
    path("notices/quiet/", notices.quiet),
    path("marks/", marks.index),
    path("marks/hours/", marks.hours),
    path("marks/file/", marks.file),
    path("marks/<int:mark_id>/", marks.show),
    path("marks/<int:mark_id>/<slug:name>/", marks.act),
    path("silences/", silences.index),
    path("silences/make/", silences.make),
    path("silences/<int:silence_id>/lift/", silences.lift),
    path("commands/", commands.index),
    path("commands/new/", commands.new),
    path("commands/send/", commands.send),
    path("commands/of/<str:code>/", commands.recent),
    path("commands/<slug:command_id>/", commands.show),
    path("deadletters/", deadletters.index),
    path("system/", system.system),
    path("people/", people.index),
    path("people/unlock/", people.unlock),
    path("parts/", catalogue.show),
]

handler400 = refusals.bad_request
handler403 = refusals.forbidden
handler404 = refusals.not_found
handler500 = refusals.failed
