/** A figure somebody asked for: what was measured beside what was asked, as one line of JSON. */
type Asked = Readonly<{ atLeast: number; aim?: number } | { atMost: number; aim?: number }>;

export function figure(bench: string, what: string, measured: number, asked: Asked): void {
  const met = 'atLeast' in asked ? measured >= asked.atLeast : measured <= asked.atMost;
  process.stdout.write(`${JSON.stringify({ bench, figure: what, measured, asked, met })}\n`);
}
