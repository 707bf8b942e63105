"""The group of a regulator's people: it bears the permission to supervise, they come and go."""

from django.contrib.auth.models import Group

from accounts.models import Organisation, Person


def watchers_of(organisation):
    """The group whose permission on a tender is the regulator's; filled with its people of today."""
    group, _ = Group.objects.get_or_create(name=f"regulator:{organisation.pk}")
    group.user_set.set(Person.objects.filter(memberships__organisation=organisation, memberships__until=None))
    return group


def keep_in_step(organisation):
    """After a membership began or ended: the regulator's group holds exactly its people."""
    if Organisation.Kind.REGULATOR in organisation.kinds:
        watchers_of(organisation)
