/** The fields of an account declared external: why it is there, who answers for it, when to look again. One form of them. */
import { TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { External } from '../../../daemon/contract/plan.ts';
import { lookAgainAt, lookAgainOn } from '../day.ts';
import classes from './declaring.module.css';

type Declared = Pick<External, 'reason' | 'owner' | 'reviewAt'>;

export type Declaring = Readonly<{
  fields: ReactNode;
  /** All that is required is there. */
  ready: boolean;
  given: Declared;
  /** Takes the fields back to what was declared, or to what one begins with. */
  begin(from?: Declared | null): void;
}>;

export function useDeclaring(known?: Declared | null): Declaring {
  const { t } = useTranslation();
  const [reason, setReason] = useState(known?.reason ?? '');
  const [owner, setOwner] = useState(known?.owner ?? '');
  const [again, setAgain] = useState(() => lookAgainOn(known));
  return {
    fields: (
      <>
        <TextInput
          label={t('externals.reason')}
          placeholder={t('externals.reasonLike')}
          required
          maxLength={1000}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <div className={classes.pair}>
          <TextInput
            label={t('externals.owner')}
            placeholder={t('externals.ownerLike')}
            required
            maxLength={200}
            value={owner}
            onChange={({ currentTarget }) => setOwner(currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('externals.again')}
            value={again}
            onChange={({ currentTarget }) => setAgain(currentTarget.value)}
          />
        </div>
      </>
    ),
    ready: reason.trim() !== '' && owner.trim() !== '',
    given: { reason: reason.trim(), owner: owner.trim(), reviewAt: lookAgainAt(again) },
    begin(from) {
      setReason(from?.reason ?? '');
      setOwner(from?.owner ?? '');
      setAgain(lookAgainOn(from));
    },
  };
}
