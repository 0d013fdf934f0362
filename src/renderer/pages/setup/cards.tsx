/** A choice between a few ways, each with what it means. Radio buttons underneath, so arrows and a screen reader work. */
import { type ReactNode, useId } from 'react';
import classes from './setup.module.css';

export function Cards({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <fieldset className={classes.cards}>
      <legend>{label}</legend>
      {children}
    </fieldset>
  );
}

type Props = Readonly<{
  group: string;
  value: string;
  chosen: boolean;
  title: ReactNode;
  disabled?: boolean;
  onChoose?(): void;
  children: ReactNode;
}>;

export function Card({ group, value, chosen, title, disabled = false, onChoose, children }: Props) {
  const [name, words] = [useId(), useId()];
  return (
    <label className={classes.card} data-chosen={chosen} data-disabled={disabled}>
      <input
        type="radio"
        name={group}
        value={value}
        checked={chosen}
        disabled={disabled}
        onChange={() => onChoose?.()}
        aria-labelledby={name}
        aria-describedby={words}
      />
      <span className={classes.cardTitle} id={name}>
        {title}
      </span>
      <span className={classes.cardWords} id={words}>
        {children}
      </span>
    </label>
  );
}
