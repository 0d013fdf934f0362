/** What becomes of accounts no source names, and the choice: declared external with a reason and an owner, or left. */
import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Stranger } from '../../../../daemon/contract/plan.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { isAway, useRelay } from '../../store.ts';
import { useDeclaring } from '../../ui/declaring.tsx';
import { Facts } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { useRoleName } from '../../ui/words.tsx';
import classes from './preview.module.css';

export type Fate = NonNullable<Stranger['fate']>;
/** A relay that does not say it yet: whoever is active loses what they have. */
export const fateOf = ({ fate, active }: Stranger): Fate => fate ?? (active ? 'loses-access' : 'none');
/** Names said of several accounts at once. */
const named = 6;

type Props = Readonly<{ accounts: readonly Stranger[]; onDone(): void }>;

export function ExternalForm({ accounts, onDone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [one] = accounts;
  const single = accounts.length === 1 ? one : undefined;
  const losing = accounts.filter((account) => fateOf(account) === 'loses-access').length;
  return (
    <article className={classes.person}>
      <header>
        <h2>{single?.userName ?? t('preview.accounts', { count: accounts.length })}</h2>
        {single === undefined && (
          <p>
            {accounts
              .slice(0, named)
              .map(({ userName }) => userName)
              .join(', ')}
            {accounts.length > named && ` ${t('preview.more', { count: accounts.length - named })}`}
          </p>
        )}
      </header>
      {single !== undefined && <Access account={single} />}
      {single === undefined ? (
        losing > 0 && <p className={classes.lost}>{t('stranger.losing', { count: losing })}</p>
      ) : (
        <p className={fateOf(single) === 'loses-access' ? classes.lost : classes.plain}>
          {t(`stranger.${fateOf(single)}`)}
        </p>
      )}
      {single?.external && (
        <Facts
          rows={[
            [t('externals.reason'), single.external.reason],
            [t('externals.owner'), single.external.owner],
            [
              t('externals.again'),
              single.external.reviewAt === null ? t('externals.never') : format.day(single.external.reviewAt),
            ],
          ]}
        />
      )}
      <Declare accounts={accounts} onDone={onDone} />
    </article>
  );
}

function Access({ account: { access } }: Readonly<{ account: Stranger }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  if (access.length === 0) return <p className={classes.plain}>{t('stranger.access')}</p>;
  return <Facts rows={access.map((one) => [communityName(one.community), role(one.role)] as const)} />;
}

/** Declares, changes what was declared, or takes it back. `Leave` needs no click: it is what happens without one. */
function Declare({ accounts, onDone }: Props) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const { call } = useRelay.getState();
  const { by, field } = useSignature();
  const known = accounts.length === 1 ? accounts[0]?.external : undefined;
  const declared = accounts.filter(({ external }) => external);
  const form = useDeclaring(known);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const ready = form.ready && by !== '' && !away;
  const steepleIds = accounts.map(({ steepleId }) => steepleId);

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    const reply = await call('external.declare', {
      steepleIds,
      ...form.given,
      by,
    });
    setBusy(false);
    setFailure(reply.ok ? undefined : reply);
    if (reply.ok) onDone();
  }
  async function withdraw(): Promise<void> {
    const ids = declared.map(({ steepleId }) => steepleId);
    const reply = await call('external.withdraw', { steepleIds: ids, reason: form.given.reason, by });
    setFailure(reply.ok ? undefined : reply);
    if (reply.ok) onDone();
  }
  return (
    <form className={classes.declare} onSubmit={(event) => void send(event)}>
      <h3>{t(declared.length === 0 ? 'external.declare' : 'external.change')}</h3>
      <p className={classes.quiet}>{t('external.why')}</p>
      {form.fields}
      {field}
      {failure !== undefined && <Problem failure={failure} />}
      <div className={classes.acts}>
        <Button type="submit" loading={busy} disabled={!ready}>
          {t(declared.length === 0 ? 'external.do' : 'external.save', { count: accounts.length })}
        </Button>
        {declared.length > 0 && (
          <Button
            variant="default"
            disabled={form.given.reason === '' || by === '' || away}
            onClick={() => void withdraw()}
          >
            {t('external.withdraw', { count: declared.length })}
          </Button>
        )}
      </div>
      <p className={classes.quiet}>{t('external.leave')}</p>
    </form>
  );
}
