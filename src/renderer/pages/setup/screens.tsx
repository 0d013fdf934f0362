/**
 * A provider's own screens, one after the other, with every value to be pasted there; beside them, what has arrived.
 *
 * The labels are those of the providers' consoles (Entra: provisioning of a non-gallery application; Okta: SCIM connector),
 * as Steeple's help describes them.
 */
import { Button, Select } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceSecret } from '../../../../daemon/contract/source.ts';
import type { Status } from '../../../../daemon/contract/status.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import type { wizard } from '../../i18n/en/wizard.ts';
import { stay, to } from '../../route.ts';
import { useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Choice, Value, Values } from '../../ui/value.tsx';
import { Heard } from './heard.tsx';
import { Lead } from './lead.tsx';
import classes from './setup.module.css';
import { isLocal } from './steps.ts';

type Props = Readonly<{
  status: Status;
  /** The source in the address. */
  about: string | undefined;
  fresh: SourceSecret | undefined;
  onFresh(secret: SourceSecret): void;
}>;
/** With this on `active`, Entra says of a soft-deleted person that they are inactive (PRODUCT: Entra's set-up). */
const softDelete = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")';

export function Screens({ status, about, fresh, onFresh }: Props) {
  const { t } = useTranslation();
  const sources = status.sources
    .filter(({ state }) => state === 'active')
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const source = sources.find(({ id }) => id === about) ?? sources[0];
  if (source === undefined)
    return (
      <Empty
        icon={IconKey}
        title={t('wizard.screens.none')}
        action={
          <Button component="a" href={to('setup', 'provider')}>
            {t('wizard.screens.toProvider')}
          </Button>
        }
      >
        {t('wizard.screens.noneWhy')}
      </Empty>
    );
  const say: Say = (phrase) => t(phrase);
  const given = fresh?.id === source.id ? fresh : undefined;
  const address = given?.tenantUrl ?? status.scim;
  const token = <TokenRow key={source.id} source={source} fresh={given} onFresh={onFresh} />;
  const sets = { entra: entra(address, token, say), okta: okta(address, token, say), scim: scim(address, token, say) };
  return (
    <>
      <Lead>{t('wizard.screens.lead')}</Lead>
      {sources.length > 1 && (
        <Select
          className={classes.narrow ?? ''}
          label={t('wizard.screens.of')}
          data={sources.map(({ id, name }) => ({ value: id, label: name }))}
          value={source.id}
          allowDeselect={false}
          onChange={(id) => id !== null && stay('setup', `screens/${id}`)}
        />
      )}
      <div className={classes.beside}>
        <ol className={classes.screens}>
          {sets[source.kind].map(({ key, title, where, optional, body }) => (
            <li key={key}>
              <h3>
                {title} {optional && <Tag>{t('wizard.screens.optional')}</Tag>}
              </h3>
              <p>{where}</p>
              {body !== undefined && <Values>{body}</Values>}
              {key === 'connect' && isLocal(address) && (
                <p className={classes.warned}>
                  {source.kind === 'scim'
                    ? t('wizard.screens.localScim')
                    : t('wizard.screens.local', { provider: t(`source.${source.kind}`) })}
                </p>
              )}
            </li>
          ))}
        </ol>
        <Heard source={source} />
      </div>
    </>
  );
}

type Screen = Readonly<{ key: string; title: string; where: string; optional?: boolean; body?: ReactNode }>;
type Said = Extract<keyof typeof wizard, `wizard.${'entra' | 'okta' | 'scim'}.${string}`>;
type Say = (phrase: Said) => string;

const entra = (address: string, token: ReactNode, t: Say): Screen[] => [
  { key: 'app', title: t('wizard.entra.app'), where: t('wizard.entra.appIs') },
  {
    key: 'connect',
    title: t('wizard.entra.connect'),
    where: t('wizard.entra.connectIs'),
    body: (
      <>
        <Choice label={t('wizard.entra.mode')}>Automatic</Choice>
        <Value foreign label="Tenant URL" value={address} />
        {token}
      </>
    ),
  },
  {
    key: 'soft',
    title: t('wizard.entra.soft'),
    where: t('wizard.entra.softIs'),
    optional: true,
    body: (
      <>
        <Choice label={t('wizard.entra.mapping')}>Expression</Choice>
        <Value foreign label={t('wizard.entra.expression')} value={softDelete} />
        <Choice label="Target attribute">active</Choice>
      </>
    ),
  },
  { key: 'assign', title: t('wizard.entra.assign'), where: t('wizard.entra.assignIs') },
  { key: 'start', title: t('wizard.entra.start'), where: t('wizard.entra.startIs') },
];

const okta = (address: string, token: ReactNode, t: Say): Screen[] => [
  {
    key: 'enable',
    title: t('wizard.okta.enable'),
    where: t('wizard.okta.enableIs'),
    body: <Choice label={t('wizard.okta.provisioning')}>SCIM</Choice>,
  },
  {
    key: 'connect',
    title: t('wizard.okta.connect'),
    where: t('wizard.okta.connectIs'),
    body: (
      <>
        <Value foreign label="SCIM connector base URL" value={address} />
        <Value foreign label="Unique identifier field for users" value="userName" />
        <Choice label={t('wizard.okta.actions')}>Push New Users, Push Profile Updates, Push Groups</Choice>
        <Choice label="Authentication Mode">HTTP Header</Choice>
        {token}
      </>
    ),
  },
  {
    key: 'toApp',
    title: t('wizard.okta.toApp'),
    where: t('wizard.okta.toAppIs'),
    body: <Choice label="To App">Create Users, Update User Attributes, Deactivate Users</Choice>,
  },
  { key: 'assign', title: t('wizard.okta.assign'), where: t('wizard.okta.assignIs') },
  { key: 'push', title: t('wizard.okta.push'), where: t('wizard.okta.pushIs') },
];

const scim = (address: string, token: ReactNode, t: Say): Screen[] => [
  {
    key: 'connect',
    title: t('wizard.scim.connect'),
    where: t('wizard.scim.connectIs'),
    body: (
      <>
        <Value foreign label="SCIM base URL" value={address} />
        {token}
        <Value foreign label="Unique identifier" value="userName" />
      </>
    ),
  },
  { key: 'send', title: t('wizard.scim.send'), where: t('wizard.scim.sendIs') },
];

const tokenLabel = { entra: 'Secret Token', okta: 'Authorization', scim: 'Bearer Token' } as const;

/** The token, as long as this page has it; after that, how to get another. */
function TokenRow({
  source,
  fresh,
  onFresh,
}: Readonly<{ source: Source; fresh: SourceSecret | undefined; onFresh(secret: SourceSecret): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const call = useRelay((state) => state.call);
  const { by, field } = useSignature();
  const [failure, setFailure] = useState<Failure>();
  const label = tokenLabel[source.kind];
  const until = source.oldTokenUntil;
  const renewed = until === null ? null : <> {t('wizard.screens.renewed', { until: format.when(until) })}</>;

  async function renew(): Promise<void> {
    const reply = await call('source.rotate', { id: source.id, by });
    if (reply.ok) onFresh(reply.value);
    else setFailure(reply);
  }
  if (fresh !== undefined)
    return (
      <Value
        foreign
        label={label}
        value={fresh.secretToken}
        note={
          <span className={classes.once}>
            {t('wizard.screens.once')}
            {renewed}
          </span>
        }
      />
    );
  return (
    <div className={classes.tokenGone}>
      <span className={classes.tokenLabel} lang="en">
        {label}
      </span>
      <div className={classes.tokenWords}>
        <span>
          {t('wizard.screens.gone')}
          {renewed}
        </span>
        {field}
        {failure !== undefined && <Problem failure={failure} />}
      </div>
      <Button variant="default" size="compact-xs" disabled={by === ''} onClick={() => void renew()}>
        {t('wizard.screens.renew')}
      </Button>
    </div>
  );
}
