"""Training in the rules of trading: courses of the centre, who came, who passed the examination."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from agencies.actions.register import require_agency
from agencies.events import TrainingRecorded
from agencies.models import AgencyStaff, Course, CourseAttendance
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.periods import add_months
from rulebook.refusals import Refused


@transaction.atomic
def hold_course(data, *, by, at):
    """Announce a course."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.REVIEW)
    return Course.objects.create(**data, made_by=by, made_at=at)


@transaction.atomic
def sign_up(course, staff, *, by, at):
    """The agency sends one of its people to a course."""
    require_agency(by, staff.agency)
    if staff.left_at is not None:
        raise Refused("left", "该人员已不在岗。", field="staff")
    if course.held_on < city_day(at):
        raise Refused("over", "培训已经举行，不能再报名。", field="course")
    row, made = CourseAttendance.objects.get_or_create(course=course, staff=staff, defaults={"signed_up_at": at})
    if not made:
        raise Refused("signed_up", "该人员已经报名。", field="staff")
    return row


@transaction.atomic
def record_result(attendance, attended, mark, *, by, at):
    """Write down whether the person came and the mark; whoever passes is trained until the course's validity is over."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.REVIEW)
    row = (
        CourseAttendance.objects.select_for_update(of=["self"])
        .select_related("course", "staff__agency", "staff__person")
        .get(pk=attendance.pk)
    )
    course = row.course
    if row.recorded_at is not None:
        raise Refused("recorded", "该人员的成绩已经登记，不能更改。")
    if course.held_on > city_day(at):
        raise Refused("not_held", "培训尚未举行。")
    if attended and mark is None:
        raise Refused("no_mark", "请填写考试成绩。", field="mark", status=400)
    row.attended, row.mark = attended, mark if attended else None
    row.passed = attended and mark >= course.pass_mark
    row.recorded_by, row.recorded_at = by, at
    row.save()
    if row.passed:
        until = add_months(course.held_on, course.valid_months)
        staff = AgencyStaff.objects.select_for_update().get(pk=row.staff_id)
        staff.trained_until = max(until, staff.trained_until or until)
        staff.save(update_fields=["trained_until"])
    tell(
        row.staff.person, f"培训结果：{course.title}{'合格' if row.passed else '未合格'}", link="/me/agency/", key=f"agency-course/{row.pk}"
    )
    record(
        TrainingRecorded(agency=row.staff.agency.uscc, person=row.staff.person.pseudonym, course=course.pk, passed=row.passed),
        by=by, role="staff",
    )  # fmt: skip
    return row
