/** Under whose name the next action is recorded. Asked where nobody has said yet; after that it is known everywhere. */
import { TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRelay } from '../store.ts';

export type Signature = Readonly<{
  /** Empty while it is not known. */
  by: string;
  /** To be put into the form; nothing where the name was known when the form came up. */
  field: ReactNode;
}>;

export function useSignature(): Signature {
  const { t } = useTranslation();
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  // It stays while it is typed into, or the first letter would take the field away.
  const [asked] = useState(me === '');
  const field = asked ? (
    <TextInput
      label={t('me.label')}
      description={t('me.why')}
      required
      maxLength={200}
      value={me}
      onChange={({ currentTarget }) => setMe(currentTarget.value)}
    />
  ) : null;
  return { by: me.trim(), field };
}
