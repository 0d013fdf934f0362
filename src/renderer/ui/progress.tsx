/** How far something long has come, in words and as a bar. */
import { useId } from 'react';
import classes from './progress.module.css';

type Props = Readonly<{ label: string; value: number; of: number }>;

export function Progress({ label, value, of }: Props) {
  const id = useId();
  return (
    <div className={classes.progress}>
      <label htmlFor={id}>{label}</label>
      <progress id={id} value={Math.min(value, of)} max={Math.max(of, 1)} />
    </div>
  );
}
