/** A link by keyboard: which group, which community, which role; who gains and loses is shown before it is drawn. */
import { Button, Modal, SegmentedControl, Select } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommunityCard, GroupCard } from '../../../../daemon/contract/draft.ts';
import type { LinkKey, Role } from '../../../../daemon/contract/mapping.ts';
import { type Drawn, groupKey, linkKey } from '../../mapping.ts';
import { useAnswer } from '../../store.ts';
import { useRoleName } from '../../ui/words.tsx';
import { Effect } from './effect.tsx';
import classes from './mapping.module.css';

type Props = Readonly<{
  open: boolean;
  group: GroupCard | undefined;
  groups: readonly GroupCard[];
  communities: readonly CommunityCard[];
  roles: readonly Role[];
  links: readonly Drawn[];
  onClose(): void;
  onLink(link: LinkKey): void;
}>;

export function LinkDialog(props: Props) {
  const { t } = useTranslation();
  const { open, group, onClose } = props;
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={group === undefined ? t('map.dialog.title') : `${t('map.link')} ${group.name}`}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ group: given, groups, communities, roles, links, onClose, onLink }: Props) {
  const { t } = useTranslation();
  const roleName = useRoleName();
  const roleLabel = useId();
  const [groupId, setGroup] = useState(given === undefined ? null : groupKey(given));
  const [community, setCommunity] = useState<string | null>(null);
  const [role, setRole] = useState(roles[0]?.id ?? 'contributor');
  const group = groups.find((one) => groupKey(one) === groupId);
  const link = group && community !== null ? { source: group.source, groupId: group.id, community, role } : undefined;
  const already = link !== undefined && links.some(({ key, state }) => state !== 'removed' && key === linkKey(link));
  const { value } = useAnswer(
    'mapping.effect',
    link === undefined || already ? undefined : { add: [link], limit: 8 },
    false,
  );

  function send(event: FormEvent): void {
    event.preventDefault();
    if (link === undefined || already) return;
    onLink(link);
    onClose();
  }
  return (
    <form className={classes.form} onSubmit={send}>
      {given === undefined && (
        <Select
          label={t('map.dialog.group')}
          data={groups.filter(({ live }) => live).map((one) => ({ value: groupKey(one), label: one.name }))}
          value={groupId}
          onChange={setGroup}
          searchable
          limit={60}
          required
          nothingFoundMessage={t('map.dialog.none')}
          data-autofocus
        />
      )}
      <Select
        label={t('map.dialog.community')}
        data={communities.map(({ id, name }) => ({ value: id, label: name }))}
        value={community}
        onChange={setCommunity}
        searchable
        limit={60}
        required
        nothingFoundMessage={t('map.dialog.none')}
        {...(given !== undefined && { 'data-autofocus': true })}
      />
      <div>
        <div id={roleLabel} className={classes.label}>
          {t('map.dialog.role')}
        </div>
        <SegmentedControl
          aria-labelledby={roleLabel}
          value={role}
          onChange={setRole}
          data={roles.map(({ id }) => ({ value: id, label: roleName(id) }))}
        />
      </div>
      <div className={classes.foreseen} role="status">
        {link === undefined ? (
          <p className={classes.quiet}>{t('map.dialog.choose')}</p>
        ) : already ? (
          <p className={classes.quiet}>{t('map.effect.already')}</p>
        ) : value === undefined ? (
          <p className={classes.quiet}>{t('map.effect.asking')}</p>
        ) : (
          <Effect effect={value} />
        )}
      </div>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button type="submit" disabled={link === undefined || already}>
          {t('map.dialog.link')}
        </Button>
      </div>
    </form>
  );
}
