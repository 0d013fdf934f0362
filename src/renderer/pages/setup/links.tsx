/** Which group gives which role: where that stands, and the way to the editor. */
import { Button } from '@mantine/core';
import { IconArrowsSplit2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import { to } from '../../route.ts';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Lead } from './lead.tsx';

export function Links({ status, communities }: Readonly<{ status: Status; communities: number }>) {
  const { t } = useTranslation();
  const { links, broken } = status.mapping;
  const open = (
    <Button component="a" href={to('mapping')}>
      {t('wizard.links.open')}
    </Button>
  );
  return (
    <>
      <Lead>{t('wizard.links.lead')}</Lead>
      {status.directory.groups === 0 && <Notice tone="warn">{t('wizard.links.needGroups')}</Notice>}
      {communities === 0 && <Notice tone="warn">{t('wizard.links.needCommunities')}</Notice>}
      {links === 0 ? (
        <Empty icon={IconArrowsSplit2} title={t('wizard.links.none')} action={open}>
          {t('wizard.links.noneWhy')}
        </Empty>
      ) : (
        <Notice tone={broken > 0 ? 'warn' : 'good'} title={t('wizard.links.count', { count: links })} action={open}>
          {broken > 0 && t('wizard.links.broken', { count: broken })}
        </Notice>
      )}
    </>
  );
}
