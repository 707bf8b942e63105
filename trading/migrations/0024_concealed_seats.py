import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def conceal_seats(apps, schema_editor):
    """Seats of before are named already; their marks and seals are made all the same, for the next round looks at them."""
    from trading.evaluation.models import CommitteeMember as Now
    from trading.evaluation.models import conceal, seat_mark

    # The right to judge is read from the seats now: rows that granted it would name members, and outlast them.
    apps.get_model("guardian", "UserObjectPermission").objects.filter(permission__codename__in=["score_lot", "chair_lot"]).delete()
    for seat in apps.get_model("trading", "CommitteeMember").objects.all():
        seat.mark = seat_mark(seat.evaluation_id, seat.named_id)
        seat.sealed = conceal("evaluation/seat", [seat.named_id, seat.named_expert_id], bound=Now.bound(seat.evaluation_id, seat.order))
        seat.save()


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0002_pool"),
        ("guardian", "0001_initial"),
        ("trading", "0023_frameworks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="committeemember", name="one_seat_per_person"),
        migrations.RenameField("committeemember", "person", "named"),
        migrations.RenameField("committeemember", "expert", "named_expert"),
        migrations.AlterField(
            "committeemember", "named",
            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="named_seats", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            "committeemember", "named_expert",
            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="experts.expert"),
        ),
        migrations.AddField("committeemember", "sealed", models.BinaryField(default=b""), preserve_default=False),
        migrations.AddField("committeemember", "mark", models.CharField(default="", max_length=43), preserve_default=False),
        migrations.RunPython(conceal_seats, migrations.RunPython.noop),
        migrations.AddConstraint("committeemember", models.UniqueConstraint(fields=("evaluation", "mark"), name="one_seat_per_person")),
        migrations.AddConstraint("committeemember", models.UniqueConstraint(fields=("evaluation", "order"), name="one_person_per_seat")),
        migrations.AddField(
            "committeemember", "nominates",
            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.committeemember"),
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(choices=[("blind", "技术（暗标）评分"), ("review", "初步评审"), ("score", "评分")], max_length=8)),
                ("sealed", models.BinaryField()),
                ("member", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="trading.committeemember")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("member", "stage"), name="one_sheet_per_stage")]},
        ),
    ]
