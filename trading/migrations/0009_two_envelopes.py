# Bids in one or two envelopes: what a bid's columns said of its one file becomes a row of its own.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_h7_seals'),
        ('sealing', '0004_h5_signature'),
        ('trading', '0008_signatures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BidEnvelope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('bid', '投标文件'), ('technical', '第一信封（技术）'), ('commercial', '第二信封（商务和报价）')], max_length=16)),
                ('seal', models.CharField(max_length=22, unique=True)),
                ('size', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=43)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='envelopes', to='trading.bid')),
                ('upload', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='handed_in', to='sealing.upload')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('bid', 'name'), name='one_envelope_of_a_name')],
            },
        ),
        migrations.RunSQL(
            "SET CONSTRAINTS ALL IMMEDIATE;"
            "INSERT INTO trading_bidenvelope (bid_id, name, seal, upload_id, size, sha256)"
            " SELECT id, 'bid', seal, upload_id, size, sha256 FROM trading_bid WHERE upload_id IS NOT NULL ORDER BY id",
            elidable=True,
        ),
        migrations.RemoveField(
            model_name='bid',
            name='seal',
        ),
        migrations.RemoveField(
            model_name='bid',
            name='sha256',
        ),
        migrations.RemoveField(
            model_name='bid',
            name='size',
        ),
        migrations.RemoveField(
            model_name='bid',
            name='upload',
        ),
        migrations.AddField(
            model_name='opening',
            name='envelope',
            field=models.CharField(choices=[('bid', '投标文件'), ('technical', '第一信封（技术）'), ('commercial', '第二信封（商务和报价）')], default='bid', max_length=16),
        ),
        migrations.AddField(
            model_name='opening',
            name='started_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='tenderdocument',
            name='two_envelopes',
            field=models.BooleanField(default=False, verbose_name='采用双信封'),
        ),
        migrations.AlterField(
            model_name='evaluation',
            name='state',
            field=models.CharField(choices=[('forming', '组建评标委员会'), ('reviewing', '初步评审'), ('scoring', '详细评审'), ('pricing', '等待第二信封（报价）开标'), ('combined', '汇总完成，待签署报告'), ('signed', '评标报告已签署'), ('failed', '否决全部投标')], default='forming', max_length=12),
        ),
        migrations.AlterField(
            model_name='openedbid',
            name='bid',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened', to='trading.bid'),
        ),
        migrations.AlterField(
            model_name='opening',
            name='lot',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='trading.lot'),
        ),
        migrations.AddConstraint(
            model_name='openedbid',
            constraint=models.UniqueConstraint(fields=('opening', 'bid'), name='one_place_per_bid'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.UniqueConstraint(fields=('lot', 'envelope'), name='one_opening_per_envelope'),
        ),
    ]
