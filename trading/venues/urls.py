from django.urls import path

from trading.venues import access_views, fault_views, views

urlpatterns = [
    path("openings/", views.openings, name="openings"),
    path("openings.ics", views.openings_ics, name="openings_ics"),
    path("staff/venues/", views.calendar, name="venue_calendar"),
    path("staff/venues/rooms/", views.venues, name="venues"),
    path("staff/venues/rooms/new/", views.edit_venue, name="new_venue"),
    path("staff/venues/rooms/<int:pk>/", views.edit_venue, name="edit_venue"),
    path("staff/venues/bookings/new/", views.new_booking, name="new_booking"),
    path("staff/venues/bookings/<int:pk>/", views.booking, name="booking"),
    path("staff/venues/bookings/<int:pk>/access/", access_views.access, name="access"),
    path("staff/venues/faults/", fault_views.faults, name="faults"),
    path("staff/venues/faults/<int:pk>/", fault_views.repair, name="repair_fault"),
    path("work/venues/", views.own_bookings, name="own_bookings"),
    path("work/venues/new/", views.request_booking, name="request_booking"),
    path("work/venues/<int:pk>/withdrawal/", views.withdraw_request, name="withdraw_request"),
]
