/** Below a list that is not whole yet: how much of it is here, and the way to more. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';

export function More({ here, all, onMore }: Readonly<{ here: number; all: number; onMore(): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Button variant="default" size="compact-xs" onClick={onMore}>
      {t('people.more', { here: format.number(here), all: format.number(all) })}
    </Button>
  );
}
