"""Standard texts become rows; documents that exist were all written from the works text, which is its version 1."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


CODE = "works-construction"


def link_documents(apps, schema_editor):
    """Version 1 of the works text as it stood, for the documents written from it (an empty database gets none here)."""
    from trading.standards.data import CRITERION, SINCE, TEMPLATES

    document = apps.get_model("trading", "TenderDocument")
    if not document.objects.exists():
        return
    template = apps.get_model("trading", "DocumentTemplate")
    section = apps.get_model("trading", "TemplateSection")
    code, name, category, kind, source, sections, criteria, method = next(row for row in TEMPLATES if row[0] == CODE)
    made = template.objects.create(
        code=code, version=1, name=name, category=category, kind=kind, source=source, method_settings=method, since=SINCE, state="published",
        criteria=[dict(zip(CRITERION, row)) for row in criteria],
    )
    for no, row in enumerate(sections, start=1):
        section.objects.create(template=made, no=no, title=row.title, fixed=row.fixed, text=row.text, note=row.note)
    document.objects.update(template=made)
    # A draft gets the fixed blocks of its template; what is published keeps the words it was published with.
    rows = apps.get_model("trading", "DocumentSection").objects
    rows.exclude(document__state="published").filter(fixed=True).update(text=models.Subquery(
        section.objects.filter(template=made, no=models.OuterRef("no")).values("text")[:1]))
    rows.filter(document__state="published").update(published_text=models.F("text"))
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0003_h4_certificates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("trading", "0014_deposit_books"),
    ]

    operations = [
        migrations.AddField(
            model_name='documentsection',
            name='published_text',
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name='DocumentTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('version', models.PositiveSmallIntegerField(verbose_name='版次')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('category', models.CharField(choices=[('GC', '工程建设'), ('ZC', '政府采购'), ('TD', '土地使用权'), ('KY', '矿业权'), ('CQ', '国有产权'), ('CJ', '村级集体'), ('QT', '其他交易')], max_length=2, verbose_name='交易类别')),
                ('kind', models.CharField(choices=[('works', '施工'), ('goods', '与工程有关的货物'), ('services', '与工程有关的服务')], max_length=10, verbose_name='标的类型')),
                ('source', models.CharField(max_length=300, verbose_name='依据')),
                ('state', models.CharField(choices=[('draft', '起草中'), ('published', '已发布')], default='draft', max_length=10)),
                ('since', models.DateField(blank=True, null=True, verbose_name='施行日期')),
                ('until', models.DateField(blank=True, null=True, verbose_name='停止使用')),
                ('criteria', models.JSONField(default=list)),
                ('method_settings', models.JSONField(default=dict)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('digest', models.CharField(blank=True, max_length=43)),
                ('drafted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('publisher', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='发布部门')),
            ],
            options={
                'ordering': ['category', 'code', '-version'],
            },
        ),
        migrations.RemoveField(model_name='tenderdocument', name='template'),
        migrations.CreateModel(
            name='TemplateSection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('no', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('fixed', models.BooleanField(verbose_name='固定版块')),
                ('text', models.TextField(blank=True, verbose_name='内容')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='编写说明')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='trading.documenttemplate')),
            ],
            options={
                'ordering': ['no'],
            },
        ),
        migrations.AddConstraint(
            model_name='documenttemplate',
            constraint=models.UniqueConstraint(fields=('code', 'version'), name='one_template_per_version'),
        ),
        migrations.AddConstraint(
            model_name='documenttemplate',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('code',), name='one_template_draft'),
        ),
        migrations.AddConstraint(
            model_name='documenttemplate',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'published'), ('until', None)), fields=('code',), name='one_template_without_end'),
        ),
        migrations.AddConstraint(
            model_name='documenttemplate',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'draft'), ('since__isnull', False), _connector='OR'), name='template_has_first_day'),
        ),
        migrations.AddConstraint(
            model_name='documenttemplate',
            constraint=models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='template_ends_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='templatesection',
            constraint=models.UniqueConstraint(fields=('template', 'no'), name='one_template_section_per_number'),
        ),
        migrations.AddConstraint(
            model_name='templatesection',
            constraint=models.UniqueConstraint(fields=('template', 'title'), name='one_template_section_per_title'),
        ),
        migrations.AddField('tenderdocument', 'template', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trading.documenttemplate')),
        migrations.RunPython(link_documents, migrations.RunPython.noop),
        migrations.AlterField('tenderdocument', 'template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trading.documenttemplate')),
    ]
