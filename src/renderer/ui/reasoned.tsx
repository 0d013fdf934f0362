/** A question (`Ask`) that is answered with a reason: what is done is journaled with it, and with who did it. */
import { Textarea, TextInput } from '@mantine/core';
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../preload/contract.ts';
import { useRelay } from '../store.ts';
import { Ask } from './ask.tsx';

type Props = Omit<ComponentProps<typeof Ask>, 'act'> &
  Readonly<{
    /** So high a field; a single line where it is absent. */
    rows?: number;
    /** It is done without one as well: then `reason` may be ''. */
    optional?: boolean;
    /** Both without blanks around them, and not empty. Undefined where it was done. */
    act(said: Readonly<{ reason: string; by: string }>): Promise<Failure | undefined>;
  }>;

export function AskWhy({ rows, optional = false, act, ready = true, children, ...ask }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const given = reason.trim();
  const label = t(optional ? 'reason.optional' : 'reason');
  const field = { label, required: !optional, maxLength: 1000, value: reason };
  const isReady = ready && (optional || given !== '');
  return (
    <Ask
      {...ask}
      ready={isReady}
      act={async () => {
        const failure = await act({ reason: given, by: useRelay.getState().me.trim() });
        if (failure === undefined) setReason(''); // the next time it is another
        return failure;
      }}
    >
      {children}
      {rows === undefined ? (
        <TextInput {...field} onChange={({ currentTarget }) => setReason(currentTarget.value)} />
      ) : (
        <Textarea {...field} rows={rows} onChange={({ currentTarget }) => setReason(currentTarget.value)} />
      )}
    </Ask>
  );
}
