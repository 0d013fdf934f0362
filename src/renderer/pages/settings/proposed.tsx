/** A looser policy that one person proposed: another agrees to it, or somebody takes it back (the two-person rule, G8). */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Policy, Proposal, StandingApproval } from '../../../../daemon/contract/policy.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './settings.module.css';
import { useStandingWords } from './standing.tsx';

export function Proposed() {
  const { t } = useTranslation();
  const { value, again } = useAnswer('policy.show', {});
  const away = useRelay(isAway);
  const me = useRelay((state) => state.me);
  const words = useProposalWords();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const proposal = value?.proposal ?? null;
  if (proposal === null) return null;
  const mine = proposal.by.trim().toLowerCase() === me.trim().toLowerCase();

  async function agree(): Promise<void> {
    if (proposal === null) return;
    setBusy(true);
    const reply = await second(proposal, me.trim());
    setBusy(false);
    setFailure(reply.ok ? undefined : reply);
    again();
  }
  return (
    <>
      {failure !== undefined && <Problem failure={failure} />}
      <Notice
        tone="note"
        live="polite"
        title={t('proposal.title', { name: proposal.by })}
        action={
          <div className={classes.buttons}>
            {!mine && (
              <Button size="compact-xs" loading={busy} disabled={away || me.trim() === ''} onClick={() => void agree()}>
                {t('proposal.agree')}
              </Button>
            )}
            <AskWhy
              small
              title={t('proposal.withdraw')}
              opens={t('proposal.withdraw')}
              does={t('proposal.withdraw')}
              act={async (said) => {
                const reply = await useRelay.getState().call('policy.withdraw', said);
                again();
                return reply.ok ? undefined : reply;
              }}
            >
              <p>{t('proposal.withdraw.words')}</p>
            </AskWhy>
          </div>
        }
      >
        <strong>{t(`policy.name.${proposal.key as keyof Policy}`)}</strong>: {words(proposal)} ·{' '}
        <Moment at={proposal.at} />
        {proposal.reason !== '' && <div>{t('quoted', { words: proposal.reason })}</div>}
        <div className={classes.quiet}>{t(mine ? 'proposal.yours' : 'proposal.words')}</div>
      </Notice>
    </>
  );
}

/** Asking for the same is what makes it count. */
function second({ key, value, reason }: Proposal, by: string) {
  const { call } = useRelay.getState();
  if (key !== 'standing') return call('policy.set', { key, value, reason, by });
  const last = (value as StandingApproval[]).at(-1);
  const { kinds = ['remove'], sources = [], upTo = 1, afterDays = 0, until = 0, reason: why = '' } = last ?? {};
  return call('policy.stand', { kinds: [...kinds], sources: [...sources], upTo, afterDays, until, reason: why, by });
}

function useProposalWords(): (proposal: Proposal) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const standing = useStandingWords();
  return ({ key, value }) => {
    if (key === 'standing') {
      const last = (value as StandingApproval[]).at(-1);
      return last === undefined ? '' : standing(last);
    }
    if (key === 'twoPerson') return t(value === true ? 'policy.twoPerson.two' : 'policy.twoPerson.one');
    if (key === 'removal') return t(value === 'delete' ? 'policy.removal.delete' : 'policy.removal.deactivate');
    if (typeof value === 'number') return format.number(value);
    if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
      return value.length === 0 ? t('proposal.none') : format.list(value);
    return typeof value === 'string' ? value || t('proposal.none') : JSON.stringify(value);
  };
}
