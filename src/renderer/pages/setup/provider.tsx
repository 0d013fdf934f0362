/** Which identity provider pushes to the relay. Each is a source with an address and a token of its own. */
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceKind, SourceSecret } from '../../../../daemon/contract/source.ts';
import type { Status } from '../../../../daemon/contract/status.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { useRelay } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import { Card, Cards } from './cards.tsx';
import { Lead } from './lead.tsx';
import classes from './setup.module.css';

type Props = Readonly<{ status: Status; onFresh(secret: SourceSecret): void }>;

export function Provider({ status, onFresh }: Props) {
  const { t } = useTranslation();
  const sources = status.sources.toSorted((a, b) => a.createdAt - b.createdAt);
  return (
    <>
      <Lead>{t('wizard.provider.lead')}</Lead>
      {sources.length > 0 && (
        <div className={classes.group}>
          <h3>{t('wizard.provider.have')}</h3>
          <ul className={classes.sources}>
            {sources.map((source) => (
              <Known key={source.id} source={source} />
            ))}
          </ul>
        </div>
      )}
      <Add first={sources.length === 0} onFresh={onFresh} />
    </>
  );
}

function Known({ source }: Readonly<{ source: Source }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, kind, name, state, lastSeenAt, users, groups } = source;
  return (
    <li className={classes.source}>
      <strong>{name}</strong>
      <Tag>{t(`source.${kind}`)}</Tag>
      <span className={classes.sourceWords}>
        {t('wizard.provider.holds', { users: format.number(users), groups: format.number(groups) })} ·{' '}
        {lastSeenAt === null ? (
          t('wizard.provider.never')
        ) : (
          <>
            {t('wizard.provider.heard')} <Moment at={lastSeenAt} />
          </>
        )}
      </span>
      {state === 'revoked' ? (
        <Tag tone="warn">{t('wizard.provider.revoked')}</Tag>
      ) : (
        <Button component="a" href={to('setup', `screens/${id}`)} variant="default" size="compact-xs">
          {t('wizard.provider.open')}
          <span className={classes.unseen}>: {name}</span>
        </Button>
      )}
    </li>
  );
}

const kinds = ['entra', 'okta', 'scim'] as const satisfies readonly SourceKind[];
const usualName: Readonly<Record<SourceKind, string>> = { entra: 'Entra ID', okta: 'Okta', scim: 'SCIM' };

function Add({ first, onFresh }: Readonly<{ first: boolean; onFresh(secret: SourceSecret): void }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const { by, field } = useSignature();
  const [kind, setKind] = useState<SourceKind>('entra');
  const [typed, setTyped] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const name = typed ?? usualName[kind];

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const reply = await call('source.add', { kind, name: name.trim(), by });
    setBusy(false);
    if (!reply.ok) return setFailure(reply);
    onFresh(reply.value);
    setTyped(undefined);
    location.hash = to('setup', `screens/${reply.value.id}`);
  }
  return (
    <form className={classes.form} onSubmit={(event) => void add(event)} aria-label={t('wizard.provider.add')}>
      {!first && <h3>{t('wizard.provider.add')}</h3>}
      {failure !== undefined && <Problem failure={failure} />}
      <Cards label={t('wizard.provider.kind')}>
        {kinds.map((one) => (
          <Card
            key={one}
            group="kind"
            value={one}
            chosen={kind === one}
            onChoose={() => setKind(one)}
            title={t(`wizard.provider.${one}`)}
          >
            {t(`wizard.provider.${one}Is`)}
          </Card>
        ))}
        <Card group="kind" value="google" chosen={false} disabled title={t('wizard.provider.google')}>
          {t('wizard.provider.googleIs')}
        </Card>
      </Cards>
      <div className={classes.narrow}>
        <TextInput
          label={t('wizard.provider.name')}
          description={t('wizard.provider.nameWhy')}
          required
          maxLength={100}
          value={name}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {field}
      </div>
      <div className={classes.buttons}>
        <Button type="submit" loading={busy} disabled={name.trim() === '' || by === ''}>
          {t('wizard.provider.create')}
        </Button>
      </div>
    </form>
  );
}
