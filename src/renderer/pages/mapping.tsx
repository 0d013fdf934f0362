/**
 * The mapping editor: which group gives which role in which community, as a picture or a table. What is drawn is a draft;
 * nothing of it counts until it is published, and before a line is let go it says who gains and who loses.
 */
import { Button, Drawer, Menu, Modal, SegmentedControl } from '@mantine/core';
import { IconArrowsSplit2, IconBulb, IconDots, IconHistory, IconPlus, IconRipple } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GroupCard } from '../../../daemon/contract/draft.ts';
import type { LinkKey } from '../../../daemon/contract/mapping.ts';
import type { Failure } from '../../preload/contract.ts';
import { useFormat } from '../format.ts';
import { bare, type Drawn, groupKey, linkKey, useMapping } from '../mapping.ts';
import { to } from '../route.ts';
import { statusOf, useAnswer, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Advice } from './mapping/advice.tsx';
import type { Chosen } from './mapping/chosen.ts';
import { LinkDialog } from './mapping/dialog.tsx';
import { DraftBar } from './mapping/draft.tsx';
import { exported, Import } from './mapping/file.tsx';
import { History } from './mapping/history.tsx';
import classes from './mapping/mapping.module.css';
import { Picture } from './mapping/picture.tsx';
import { Rules } from './mapping/rules.tsx';
import { ends, type Filter, fits, narrowed, ordered, type Port, rightRows } from './mapping/scene.ts';
import { Strip, type Thought } from './mapping/strip.tsx';
import { Table } from './mapping/table.tsx';
import { Find, GroupFilters } from './mapping/tools.tsx';

type Side = 'history' | 'rules' | 'advice' | 'import';

export function Mapping() {
  const { t } = useTranslation();
  const { board, groups, communities, failure } = useMapping();
  useFresh();
  const [side, setSide] = useState<Side>();
  const [problem, setProblem] = useState<Failure>();
  const [view, setView] = useState<'picture' | 'table'>('picture');
  const [chosen, setChosen] = useState<Chosen>();
  const [asking, setAsking] = useState<{ group: GroupCard | undefined }>();
  const advice = useAnswer(
    'mapping.advice',
    board === undefined ? undefined : {},
    false,
    `${board?.draft.edition} ${board?.version}`,
  ).value;
  const advised = Object.values(advice?.total ?? {}).reduce((sum, count) => sum + (count ?? 0), 0);

  if (board === undefined)
    return (
      <Page title={t('nav.mapping')} fills>
        {failure === undefined ? <Reading /> : <Problem failure={failure} />}
      </Page>
    );
  const bareBoard = groups.length === 0 || communities.length === 0;
  const give = (of: 'draft' | 'published', format: 'json' | 'csv') => () => void exported(of, format).then(setProblem);
  return (
    <Page
      title={t('nav.mapping')}
      lead={<Lead />}
      fills
      actions={
        <>
          {advised > 0 && (
            <Button
              variant="default"
              leftSection={<IconBulb size={14} aria-hidden />}
              onClick={() => setSide('advice')}
            >
              {t('map.adviceCount', { count: advised })}
            </Button>
          )}
          <Button variant="default" leftSection={<IconRipple size={14} aria-hidden />} onClick={() => setSide('rules')}>
            {t('map.rules')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconHistory size={14} aria-hidden />}
            onClick={() => setSide('history')}
          >
            {t('map.history')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setAsking({ group: groups.find((group) => chosen?.key === groupKey(group)) })}
          >
            {t('map.newLink')}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" aria-label={t('map.more')}>
                <IconDots size={15} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setSide('import')}>{t('map.import')}</Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={give('draft', 'json')}>{t('map.asJson', { what: t('map.export') })}</Menu.Item>
              <Menu.Item onClick={give('draft', 'csv')}>{t('map.asCsv', { what: t('map.export') })}</Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={give('published', 'json')}>
                {t('map.asJson', { what: t('map.exportPublished') })}
              </Menu.Item>
              <Menu.Item onClick={give('published', 'csv')}>
                {t('map.asCsv', { what: t('map.exportPublished') })}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      {problem !== undefined && <Problem failure={problem} />}
      <DraftBar board={board} />
      {bareBoard ? (
        <Nothing groups={groups.length} />
      ) : (
        <Editor
          view={view}
          onView={setView}
          chosen={chosen}
          onChoose={setChosen}
          onAsk={(group) => setAsking({ group })}
          onProblem={setProblem}
        />
      )}
      <LinkDialog
        open={asking !== undefined}
        group={asking?.group}
        groups={groups}
        communities={communities}
        roles={board.roles}
        links={useMapping.getState().links}
        onClose={() => setAsking(undefined)}
        onLink={(link) => void change({ add: [link], remove: [] }).then(setProblem)}
      />
      <Drawer
        opened={side === 'history' || side === 'advice'}
        onClose={() => setSide(undefined)}
        position="right"
        size={side === 'history' ? 880 : 560}
        title={side === 'history' ? t('map.history.title') : t('map.advice.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {side === 'history' && <History />}
        {side === 'advice' && (
          <Advice
            answer={advice}
            onShow={(place) => {
              setChosen(place);
              setSide(undefined);
            }}
          />
        )}
      </Drawer>
      <Modal
        opened={side === 'rules' || side === 'import'}
        onClose={() => setSide(undefined)}
        title={side === 'rules' ? t('map.rules.title') : t('map.file.title')}
        size="xl"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {side === 'rules' && <Rules board={board} />}
        {side === 'import' && <Import onDone={() => setSide(undefined)} />}
      </Modal>
    </Page>
  );
}

/** The frame of the editor, while what it draws is on its way. */
function Reading() {
  const { t } = useTranslation();
  return (
    <p className={classes.reading} role="status">
      {t('map.reading')}
    </p>
  );
}

function Lead() {
  const { t } = useTranslation();
  const format = useFormat();
  const version = useRelay((state) => state.status?.mapping.version ?? 0);
  const { value } = useAnswer('mapping.history', { limit: 1 }, false, version);
  if (value === undefined) return null;
  const [last] = value.items;
  if (last === undefined) return t('map.leadNone');
  return t('map.lead', { version: last.version, author: last.author, when: format.when(last.at) });
}

function Nothing({ groups }: Readonly<{ groups: number }>) {
  const { t } = useTranslation();
  const step = groups === 0 ? 'screens' : 'communities';
  return (
    <Empty
      icon={IconArrowsSplit2}
      title={t('map.empty')}
      action={
        <Button component="a" href={to('setup', step)}>
          {t('map.toSetup')}
        </Button>
      }
    >
      {t(groups === 0 ? 'map.emptyGroups' : 'map.emptyCommunities')}
    </Empty>
  );
}

/** Recorded under the person's name, where it is known: a draft is nobody's decision yet, so it is not asked for. */
const change = (what: Readonly<{ add: readonly LinkKey[]; remove: readonly LinkKey[] }>) => {
  const { me } = useRelay.getState();
  return useMapping.getState().change(what, me.trim() || 'console');
};

type EditorProps = Readonly<{
  view: 'picture' | 'table';
  onView(view: 'picture' | 'table'): void;
  chosen: Chosen | undefined;
  onChoose(chosen: Chosen | undefined): void;
  onAsk(group: GroupCard | undefined): void;
  onProblem(failure: Failure | undefined): void;
}>;

function Editor({ view, onView, chosen, onChoose, onAsk, onProblem }: EditorProps) {
  const { t } = useTranslation();
  const { groups, communities, links } = useMapping();
  const [filter, setFilter] = useState<Filter>('all');
  const [search, setSearch] = useState({ group: '', community: '' });
  const [thought, setThought] = useState<Thought>();
  const both = useMemo(() => ends(links), [links]);
  const byKey = useMemo(() => new Map(groups.map((group) => [groupKey(group), group])), [groups]);
  const byId = useMemo(() => new Map(communities.map((community) => [community.id, community])), [communities]);
  const inOrder = useMemo(() => ordered(groups, communities, both), [groups, communities, both]);
  const { rows, counts } = useMemo(
    () => narrowed(inOrder, both, filter, search.group),
    [inOrder, both, filter, search.group],
  );
  const right = useMemo(() => rightRows(communities, search.community), [communities, search.community]);
  const severalSources = useMemo(() => new Set(groups.map(({ source }) => source)).size > 1, [groups]);
  const rowsOfTable = useMemo(
    () => (view === 'table' ? tabled(links, rows, search.community, byId) : []),
    [view, links, rows, search.community, byId],
  );

  const hover = useCallback((group: GroupCard | undefined, port: Port | undefined) => {
    if (group === undefined || port === undefined) return setThought(undefined);
    const link = { source: group.source, groupId: group.id, community: port.community, role: port.role };
    const there = useMapping.getState().links.find(({ key }) => key === linkKey(link));
    setThought({ how: 'draw', link, already: there !== undefined && there.state !== 'removed' });
  }, []);
  const draw = useCallback(
    (group: GroupCard, port: Port) => {
      if (!group.live) return;
      const link = { source: group.source, groupId: group.id, community: port.community, role: port.role };
      void change({ add: [link], remove: [] }).then(onProblem);
    },
    [onProblem],
  );
  const toggle = useCallback(
    (link: Drawn) => {
      const [add, remove] = link.state === 'removed' ? [[bare(link)], []] : [[], [bare(link)]];
      void change({ add, remove }).then(onProblem);
    },
    [onProblem],
  );
  useKeys(chosen, both.byGroup, toggle, onProblem);

  return (
    <div className={classes.editor}>
      <div className={classes.tools}>
        <Find
          label={t('map.findGroup')}
          value={search.group}
          onChange={(group) => setSearch((before) => ({ ...before, group }))}
        />
        <GroupFilters value={filter} counts={counts} onChange={setFilter} />
        <span className={classes.grow} />
        <SegmentedControl
          aria-label={t('map.view')}
          value={view}
          onChange={(next) => onView(next === 'table' ? 'table' : 'picture')}
          data={[
            { value: 'picture', label: t('map.picture') },
            { value: 'table', label: t('map.table') },
          ]}
        />
        <Find
          label={t('map.findCommunity')}
          value={search.community}
          onChange={(community) => setSearch((before) => ({ ...before, community }))}
        />
      </div>
      {view === 'picture' ? (
        <Picture
          groups={rows}
          right={right}
          ends={both}
          severalSources={severalSources}
          chosen={chosen}
          onChoose={onChoose}
          onHover={hover}
          onLink={draw}
          onAsk={onAsk}
        />
      ) : (
        <div className={classes.tableBox}>
          <Table
            links={rowsOfTable}
            groups={byKey}
            communities={byId}
            severalSources={severalSources}
            chosen={chosen}
            onChoose={onChoose}
          />
        </div>
      )}
      <Strip chosen={chosen} ends={both} groups={byKey} thought={thought} onAsk={onAsk} onChange={toggle} />
    </div>
  );
}

function tabled(
  links: readonly Drawn[],
  rows: readonly GroupCard[],
  search: string,
  communities: ReadonlyMap<string, Readonly<{ name: string }>>,
): Drawn[] {
  const order = new Map(rows.map((group, at) => [groupKey(group), at]));
  const place = (link: Drawn) => order.get(groupKey({ source: link.source, id: link.groupId })) ?? -1;
  const nameOf = (link: Drawn) => communities.get(link.community)?.name ?? link.community;
  return links
    .filter((link) => place(link) >= 0 && (search.trim() === '' || fits(nameOf(link), search)))
    .sort((a, b) => place(a) - place(b) || nameOf(a).localeCompare(nameOf(b)));
}

/** Delete takes the chosen link away, or puts it back; Ctrl or Cmd with Z takes back what was done last. */
function useKeys(
  chosen: Chosen | undefined,
  byGroup: ReadonlyMap<string, readonly Drawn[]>,
  toggle: (link: Drawn) => void,
  onProblem: (failure: Failure | undefined) => void,
): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('input, textarea, select, [role=dialog]') !== null) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !event.shiftKey) {
        event.preventDefault();
        const { me } = useRelay.getState();
        void useMapping
          .getState()
          .takeBack(me.trim() || 'console')
          .then(onProblem);
      }
      if (event.key !== 'Delete' && event.key !== 'Backspace') return;
      if (chosen?.kind !== 'link' && chosen?.kind !== 'group') return;
      const own = byGroup.get(chosen.kind === 'link' ? chosen.group : chosen.key) ?? [];
      // Of a group only its one link: which of several is meant, a key cannot say.
      const meant =
        chosen.kind === 'link' ? own.find((link) => link.key === chosen.key) : own.length === 1 ? own[0] : undefined;
      if (meant !== undefined && meant.state !== 'removed') toggle(meant);
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, [chosen, byGroup, toggle, onProblem]);
}

/** Asked at first, and again when the draft, the version in force, or (at most every few seconds) the directory is another. */
function useFresh(): void {
  const { load, begin } = useMapping.getState();
  const version = useRelay((state) => state.status?.mapping.version);
  const entries = useRelay((state) => state.status?.journal.entries);
  const presence = useRelay((state) => state.presence);
  const communities = useRelay(statusOf)?.mapping.links;
  useEffect(() => {
    void begin();
  }, [begin]);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what a picture rests on
  useEffect(() => {
    if (first.current) {
      first.current = false; // it is being asked for
      return;
    }
    const timer = setTimeout(() => void load(), 2_000);
    return () => clearTimeout(timer);
  }, [load, version, entries, presence, communities]);
}
