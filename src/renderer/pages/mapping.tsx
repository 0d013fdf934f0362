/** Which group gives which role in which community. */
import { IconArrowsSplit2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useCommunityName } from '../names.ts';
import { to } from '../route.ts';
import { useAnswer } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Grid } from '../ui/grid.tsx';
import { Page } from '../ui/page.tsx';
import { useRoleName } from '../ui/words.tsx';

export function Mapping() {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  const { value } = useAnswer('mapping.show', {});
  const links = value?.links ?? [];
  return (
    <Page title={t('nav.mapping')} fills>
      {value !== undefined && links.length === 0 ? (
        <Empty icon={IconArrowsSplit2} title={t('setup.mapping')} action={<a href={to('setup')}>{t('nav.setup')}</a>}>
          {t('setup.mapping.how')}
        </Empty>
      ) : (
        <Grid
          label={t('nav.mapping')}
          rows={links}
          columns={[
            { key: 'group', title: t('nav.groups'), width: '1fr', cell: ({ group }) => group },
            {
              key: 'community',
              title: t('column.community'),
              width: '1fr',
              cell: ({ community }) => communityName(community),
            },
            { key: 'role', title: t('column.access'), width: '140px', cell: (link) => role(link.role) },
          ]}
          keyOf={({ groupId, community, role: given }) => `${groupId} ${community} ${given}`}
        />
      )}
    </Page>
  );
}
