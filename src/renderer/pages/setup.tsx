/**
 * Setup: the way from nothing to a working sync, step by step, each with its own address. What is done is read from the
 * relay, so leaving and coming back, or another browser, makes no difference.
 *
 * S1: Steeple's token goes from its field straight into the call, and is in no state of the page. A new source's token is
 * kept here, to be copied, until it is put away or the page is left; the relay gives it once.
 */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconArrowRight, IconCheck } from '@tabler/icons-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SourceSecret } from '../../../daemon/contract/source.ts';
import type { Status } from '../../../daemon/contract/status.ts';
import { usePreflight } from '../readiness.ts';
import { to, useRoute } from '../route.ts';
import { IntegrationsButton } from '../shell.tsx';
import { statusOf, useAnswer, useRelay } from '../store.ts';
import { Page } from '../ui/page.tsx';
import { Communities } from './setup/communities.tsx';
import { Handover } from './setup/handover.tsx';
import { Links } from './setup/links.tsx';
import { Mode } from './setup/mode.tsx';
import { Provider } from './setup/provider.tsx';
import { Screens } from './setup/screens.tsx';
import classes from './setup/setup.module.css';
import { Sso } from './setup/sso.tsx';
import { Steeple } from './setup/steeple.tsx';
import { isStep, resumeAt, type Step, type StepName, stepNames, stepsOf } from './setup/steps.ts';

export function Setup() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  return (
    <Page title={t('nav.setup')} lead={t('wizard.lead')} actions={<IntegrationsButton />}>
      {status !== undefined && <Wizard status={status} />}
    </Page>
  );
}

function Wizard({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const { rest } = useRoute();
  const [asked, about] = (rest ?? '').split('/');
  const [fresh, setFresh] = useState<SourceSecret>();
  const set = status.upstream.url !== null && status.upstream.token;
  const preflight = usePreflight('');
  // What the test finds check by check is asked where it is shown; for the rest the pre-flight has asked already.
  const test = useAnswer('upstream.test', set && asked === 'steeple' ? {} : undefined, false);
  const tested = useMemo(
    () => ({
      ...test,
      again: () => {
        test.again();
        preflight.again();
      },
    }),
    [test, preflight.again],
  );
  const communities = useAnswer('communities.list', {}).value;
  const steps = stepsOf(status, preflight.value, communities?.length);
  // Where one begins is decided once: a step that gets done under one's hands must not turn the page.
  const [begun] = useState(() => resumeAt(steps, status));
  const at: StepName = isStep(asked) ? asked : begun;

  const shown: Readonly<Record<StepName, ReactNode>> = {
    sso: <Sso preflight={preflight} />,
    steeple: <Steeple status={status} test={tested} />,
    provider: <Provider status={status} onFresh={setFresh} />,
    screens: <Screens status={status} about={about} fresh={fresh} onFresh={setFresh} />,
    communities: <Communities status={status} rows={communities ?? []} />,
    mode: <Mode status={status} example={communities?.[0]?.name} />,
    links: <Links status={status} communities={communities?.length ?? 0} />,
    handover: <Handover status={status} preflight={preflight} />,
  };
  return (
    <div className={classes.wizard}>
      <Rail steps={steps} at={at} />
      <section className={classes.step} aria-label={t(`wizard.step.${at}`)}>
        <StepTitle key={at} name={at} />
        <div className={classes.content}>{shown[at]}</div>
        <Feet at={at} done={steps.find(({ name }) => name === at)?.state === 'done'} />
      </section>
    </div>
  );
}

function Rail({ steps, at }: Readonly<{ steps: readonly Step[]; at: StepName }>) {
  const { t } = useTranslation();
  const done = steps.filter(({ state }) => state === 'done').length;
  return (
    <nav className={classes.rail} aria-label={t('wizard.steps')}>
      <p className={classes.progress}>{t('wizard.done', { done, all: steps.length })}</p>
      <ol>
        {steps.map(({ name, state }, index) => (
          <li key={name}>
            <a
              href={to('setup', name)}
              className={classes.railStep}
              data-state={state}
              aria-current={name === at ? 'step' : undefined}
            >
              <span className={classes.mark} aria-hidden>
                {state === 'done' && <IconCheck size={13} stroke={2.5} />}
                {state === 'trouble' && <IconAlertTriangle size={13} stroke={2} />}
                {state === 'open' && index + 1}
              </span>
              <span>
                {t(`wizard.step.${name}`)}
                <span className={classes.unseen}>: {t(`wizard.state.${state}`)}</span>
              </span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Takes the focus when the step changes, so that it is read out, and the next Tab goes into it. */
function StepTitle({ name }: Readonly<{ name: StepName }>) {
  const { t } = useTranslation();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement !== document.body && document.activeElement?.closest('nav, footer') !== null)
      title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h2 ref={title} tabIndex={-1} className={classes.title}>
      {t(`wizard.step.${name}`)}
    </h2>
  );
}

function Feet({ at, done }: Readonly<{ at: StepName; done: boolean }>) {
  const { t } = useTranslation();
  const index = stepNames.indexOf(at);
  const before = stepNames[index - 1];
  const after = stepNames[index + 1];
  return (
    <footer className={classes.feet}>
      {before !== undefined && (
        <Button
          component="a"
          href={to('setup', before)}
          variant="default"
          leftSection={<IconArrowLeft size={14} aria-hidden />}
        >
          {t('wizard.back')}
        </Button>
      )}
      <span className={classes.space} />
      {after !== undefined && (
        <Button
          component="a"
          href={to('setup', after)}
          variant={done ? 'filled' : 'default'}
          rightSection={<IconArrowRight size={14} aria-hidden />}
        >
          {t('wizard.next', { step: t(`wizard.step.${after}`) })}
        </Button>
      )}
    </footer>
  );
}
