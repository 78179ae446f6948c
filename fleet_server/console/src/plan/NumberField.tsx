import { useState } from "react";

interface Props {
  label: string;
  value: number;
  step: number;
  min?: number;
  max?: number;
  onChange: (value: number) => void;
  testId?: string;
}

/** A number that may be half typed: until it is one, what it was stays. */
export function NumberField({ label, value, step, min, max, onChange, testId }: Props) {
  const [typed, type] = useState<string | null>(null);
  const within = (text: string) => text.trim() !== "" && Number.isFinite(Number(text)) && (min === undefined || Number(text) >= min) && (max === undefined || Number(text) <= max);
  const shown = typed !== null && (!within(typed) || Number(typed) === value) ? typed : String(value);
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        inputMode="decimal"
        value={shown}
        step={step}
        min={min}
        max={max}
        onChange={(event) => (type(event.target.value), within(event.target.value) && onChange(Number(event.target.value)))}
        onBlur={() => type(null)}
        data-testid={testId}
      />
    </label>
  );
}
