"""Cheap polling of pages that change: 304 while nothing did."""

from django.http import HttpResponseNotModified


def unchanged(request, version):
    """A 304 answer if the watcher already has this version, else None."""
    return HttpResponseNotModified() if request.headers.get("If-None-Match") == f'"{version}"' else None


def versioned(response, version):
    response["ETag"] = f'"{version}"'
    response["Cache-Control"] = "no-cache"
    return response
