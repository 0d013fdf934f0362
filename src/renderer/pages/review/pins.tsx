/** What undos brought back although the source says otherwise: whom it is about, and ending it. */
import { useTranslation } from 'react-i18next';
import type { Pin } from '../../../../daemon/contract/undo.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { to } from '../../route.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { useRoleName } from '../../ui/words.tsx';
import classes from './review.module.css';

/** It ends by itself once the source gives it again. */
export function Pins() {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  const format = useFormat();
  const { value, again } = useAnswer('undo.pins', {});
  const byPerson = Map.groupBy(value ?? [], ({ person }) => person);
  if (byPerson.size === 0) return null;
  const what = ({ community, role: given }: Pin) =>
    community === '' ? t('back.account') : `${communityName(community)} – ${role(given)}`;
  return (
    <Notice tone="note" title={t('back.stands', { count: byPerson.size })}>
      {t('back.standsWhy')}
      <ul className={classes.waiting}>
        {[...byPerson].map(([person, pins]) => (
          <li key={person}>
            <a href={to('people', pins[0]?.userName ?? '')}>{pins[0]?.userName}</a>: {format.list(pins.map(what))}{' '}
            <Lift person={person} name={pins[0]?.userName ?? ''} onDone={again} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Lift({ person, name, onDone }: Readonly<{ person: string; name: string; onDone(): void }>) {
  const { t } = useTranslation();
  return (
    <AskWhy
      small
      title={t('back.lift.title', { name })}
      opens={t('back.lift')}
      does={t('back.lift.do')}
      act={async (said) => {
        const reply = await useRelay.getState().call('undo.lift', { person, ...said });
        onDone();
        return reply.ok ? undefined : reply;
      }}
    >
      <p>{t('back.lift.words')}</p>
    </AskWhy>
  );
}
