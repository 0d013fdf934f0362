/** A row of choices that narrow a list, each with how many it would leave. */
import { useFormat } from '../format.ts';
import classes from './filters.module.css';

type Props<V extends string> = Readonly<{
  label: string;
  value: V;
  options: readonly Readonly<{ value: NoInfer<V>; label: string; count?: number | undefined }>[];
  onChange: (value: NoInfer<V>) => void;
}>;

export function Filters<V extends string>({ label, value, options, onChange }: Props<V>) {
  const format = useFormat();
  return (
    <fieldset className={classes.filters} aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          className={classes.filter}
          onClick={() => onChange(option.value)}
        >
          {option.label}
          {option.count !== undefined && <span className={classes.count}>{format.number(option.count)}</span>}
        </button>
      ))}
    </fieldset>
  );
}
