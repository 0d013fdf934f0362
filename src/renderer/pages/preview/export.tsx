/** The plan as a file: JSON for a program, CSV for a spreadsheet, one HTML page for a printer. It comes in pieces. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../preload/contract.ts';
import { saveFile } from '../../files.ts';
import { isAway, useRelay } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';

const formats = ['html', 'csv', 'json'] as const;
type Format = (typeof formats)[number];

/** Asks for piece after piece, and saves the whole. Undefined where it was done. */
export async function exportPlan(id: string, format: Format, language: 'en' | 'fr'): Promise<Failure | undefined> {
  const { call } = useRelay.getState();
  const texts: string[] = [];
  for (let from = 0; ; ) {
    const reply = await call('plan.export', { id, format, language, from });
    if (!reply.ok) return reply;
    const { name, type, text, next } = reply.value;
    texts.push(text);
    if (next === null) {
      saveFile(name, type, ...texts);
      return undefined;
    }
    from = next;
  }
}

export function ExportMenu({ plan, small = false }: Readonly<{ plan: string; small?: boolean }>) {
  const { t, i18n } = useTranslation();
  const away = useRelay(isAway);
  const [writing, setWriting] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  async function write(format: Format): Promise<void> {
    setWriting(true);
    setFailure(await exportPlan(plan, format, i18n.resolvedLanguage === 'fr' ? 'fr' : 'en'));
    setWriting(false);
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            size={small ? 'compact-xs' : 'xs'}
            disabled={writing || away}
            leftSection={<IconDownload size={13} aria-hidden />}
            rightSection={<IconChevronDown size={13} aria-hidden />}
          >
            {t(writing ? 'preview.exporting' : 'preview.export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map((format) => (
            <Menu.Item key={format} onClick={() => void write(format)}>
              {t(`preview.export.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {failure !== undefined && <Problem failure={failure} />}
    </>
  );
}
