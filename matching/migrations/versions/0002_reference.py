"""Regions, groupings, candidates of undecided zones, validity and versions of reference data, its history; inactive organisations.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('region',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['region.id'], name=op.f('fk_region_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_region')),
    sa.UniqueConstraint('code', name=op.f('uq_region_code'))
    )
    with op.batch_alter_table('region', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_region_parent_id'), ['parent_id'], unique=False)

    op.create_table('reference_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('record', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('undoes_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reference_change_person_id')),
    sa.ForeignKeyConstraint(['undoes_id'], ['reference_change.id'], name=op.f('fk_reference_change_undoes_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reference_change')),
    sa.UniqueConstraint('undoes_id', name=op.f('uq_reference_change_undoes_id'))
    )
    with op.batch_alter_table('reference_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reference_change_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_reference_change_record_key', ['record', 'key'], unique=False)

    op.create_table('grouping',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=30), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('industry_id', sa.Integer(), nullable=True),
    sa.Column('region_id', sa.Integer(), nullable=True),
    sa.Column('clause', sa.String(length=20), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['industry_id'], ['industry.id'], name=op.f('fk_grouping_industry_id')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_grouping_region_id')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_grouping_zone_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grouping')),
    sa.UniqueConstraint('code', name=op.f('uq_grouping_code'))
    )
    with op.batch_alter_table('grouping', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grouping_industry_id'), ['industry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_grouping_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_grouping_region_id'), ['region_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_grouping_zone_id'), ['zone_id'], unique=False)

    with op.batch_alter_table('code_value', schema=None) as batch_op:
        batch_op.add_column(sa.Column('aliases', sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column('description', sa.String(length=2000), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('description_en', sa.String(length=2000), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('source', sa.String(length=300), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('row_version', sa.Integer(), nullable=False, server_default='1'))

    with op.batch_alter_table('industry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('emerging', sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column('link_source', sa.String(length=200), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('valid_until', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('active', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('one_time_password', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('zone', schema=None) as batch_op:
        batch_op.add_column(sa.Column('region_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('target_title', sa.String(length=30), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('pilots', sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column('candidate_industry_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('source', sa.String(length=300), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('place_source', sa.String(length=300), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('valid_until', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.create_index(batch_op.f('ix_zone_candidate_industry_id'), ['candidate_industry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_zone_region_id'), ['region_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_zone_region_id'), 'region', ['region_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_zone_candidate_industry_id'), 'industry', ['candidate_industry_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('zone', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_zone_candidate_industry_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_zone_region_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_zone_region_id'))
        batch_op.drop_index(batch_op.f('ix_zone_candidate_industry_id'))
        batch_op.drop_column('version')
        batch_op.drop_column('valid_until')
        batch_op.drop_column('place_source')
        batch_op.drop_column('source')
        batch_op.drop_column('candidate_industry_id')
        batch_op.drop_column('pilots')
        batch_op.drop_column('target_title')
        batch_op.drop_column('region_id')

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('one_time_password')

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_column('version')
        batch_op.drop_column('active')

    with op.batch_alter_table('industry', schema=None) as batch_op:
        batch_op.drop_column('version')
        batch_op.drop_column('valid_until')
        batch_op.drop_column('link_source')
        batch_op.drop_column('emerging')

    with op.batch_alter_table('code_value', schema=None) as batch_op:
        batch_op.drop_column('row_version')
        batch_op.drop_column('source')
        batch_op.drop_column('description_en')
        batch_op.drop_column('description')
        batch_op.drop_column('aliases')

    with op.batch_alter_table('grouping', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grouping_zone_id'))
        batch_op.drop_index(batch_op.f('ix_grouping_region_id'))
        batch_op.drop_index(batch_op.f('ix_grouping_kind'))
        batch_op.drop_index(batch_op.f('ix_grouping_industry_id'))

    op.drop_table('grouping')
    with op.batch_alter_table('reference_change', schema=None) as batch_op:
        batch_op.drop_index('ix_reference_change_record_key')
        batch_op.drop_index(batch_op.f('ix_reference_change_person_id'))

    op.drop_table('reference_change')
    with op.batch_alter_table('region', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_region_parent_id'))

    op.drop_table('region')
